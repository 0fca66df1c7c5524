using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// One row of <c>steps.csv</c>: one step of one replica. The counts are those when the step starts, after its
/// scheduling.
/// </summary>
/// <param name="Replica"><c>replica</c>: as in "main/0".</param>
/// <param name="Step"><c>step</c>: its number on this replica, from 0.</param>
/// <param name="Start"><c>start_s</c>: when it starts.</param>
/// <param name="Duration"><c>duration_s</c>: how long it takes.</param>
/// <param name="Scheduled"><c>scheduled</c>: <c>id:tokens</c> pairs separated by spaces, in the order of
/// scheduling.</param>
/// <param name="Preempted"><c>preempted</c>: ids of the requests preempted by its scheduling, separated by
/// spaces.</param>
/// <param name="Running"><c>running</c>: running requests.</param>
/// <param name="Waiting"><c>waiting</c>: waiting requests.</param>
/// <param name="UsedBlocks"><c>used_blocks</c>: KV blocks in use.</param>
/// <param name="FreeBlocks"><c>free_blocks</c>: KV blocks not in use, cached ones included.</param>
public readonly record struct StepRecord(
    string Replica, long Step, SimTime Start, SimTime Duration, IReadOnlyList<ScheduledRequest> Scheduled,
    IReadOnlyList<long> Preempted, int Running, int Waiting, long UsedBlocks, long FreeBlocks);
