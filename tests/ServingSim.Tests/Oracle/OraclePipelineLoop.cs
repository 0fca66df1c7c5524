namespace ServingSim.Tests.Oracle;

/// <summary>
/// vLLM's engine loop with a pipeline, literally: a queue of as many batches as stages, filled before the oldest is
/// waited for (v1/engine/core.py, step_with_batch_queue). While it waits for that, nothing else happens.
/// </summary>
internal static class OraclePipelineLoop
{
    /// <summary>
    /// Runs until all requests have finished. Those that arrive at one tick queue in the given order; a step that ends
    /// at that tick is processed before, and a decision of that tick is made after.
    /// </summary>
    public static OracleEngine Run(
        OracleConfig config,
        IEnumerable<OracleRequest> requests,
        Func<OracleStepShape, long> stepTime,
        Func<OracleStepShape, long> hostTime,
        IEnumerable<(long Tick, int Id)>? aborted = null)
    {
        Queue<(long Tick, int Id)> aborts = new((aborted ?? []).OrderBy(abort => abort.Tick));
        OracleEngine engine = new(config, stepTime) { HostTime = hostTime };
        Queue<OracleRequest> arrivals = new(requests.OrderBy(request => request.Arrival));
        Queue<OracleStep> inFlight = new();
        OraclePipelineClock clock = new(config.Stages);
        bool waitsForOldest = false;
        long now = 0;
        while (arrivals.Count > 0 || inFlight.Count > 0 || !engine.IsIdle)
        {
            bool mayDecide = inFlight.Count == 0
                ? !engine.IsIdle
                : !waitsForOldest && inFlight.Count < clock.Stages;
            long process = inFlight.Count > 0 ? Math.Max(inFlight.Peek().DeviceEnd, clock.HostFree) : long.MaxValue;
            long arrive = arrivals.Count > 0 ? arrivals.Peek().Arrival : long.MaxValue;
            long decide = mayDecide ? Math.Max(clock.HostFree, now) : long.MaxValue;
            long abort = aborts.Count > 0 ? aborts.Peek().Tick : long.MaxValue;
            now = Math.Min(Math.Min(abort, process), Math.Min(arrive, decide));
            if (now == abort)
            {
                engine.Abort(engine.SequenceOf(aborts.Dequeue().Id), now);
            }
            else if (now == process)
            {
                inFlight.Dequeue();
                engine.EndStep(now);
                waitsForOldest = false;
            }
            else if (now == arrive)
            {
                engine.Queue(arrivals.Dequeue());
            }
            else
            {
                engine.AdvanceTo(now);
                engine.DropAborted();
                OracleStep? step = engine.IsIdle ? null : engine.BeginStep();
                waitsForOldest = step is null;
                if (step is not null)
                {
                    clock.Pass(step, now);
                    inFlight.Enqueue(step);
                }
            }
        }

        return engine;
    }
}
