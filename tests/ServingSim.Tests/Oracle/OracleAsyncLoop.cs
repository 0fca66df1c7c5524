namespace ServingSim.Tests.Oracle;

/// <summary>
/// vLLM's engine loop with asynchronous scheduling, literally: a queue of two batches, a host that decides one while
/// the device computes the other (v1/engine/core.py, step_with_batch_queue). What happens next is what can happen
/// first.
/// </summary>
internal static class OracleAsyncLoop
{
    private const int QueuePlaces = 2;

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
        (long now, long hostFree, long deviceFree) = (0, 0, 0);
        while (arrivals.Count > 0 || inFlight.Count > 0 || !engine.IsIdle)
        {
            bool mayDecide = inFlight.Count < QueuePlaces && !engine.IsIdle;
            long process = inFlight.Count > 0 ? Math.Max(inFlight.Peek().DeviceEnd, hostFree) : long.MaxValue;
            long arrive = arrivals.Count > 0 ? arrivals.Peek().Arrival : long.MaxValue;
            long decide = mayDecide ? Math.Max(hostFree, now) : long.MaxValue;
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
            }
            else if (now == arrive)
            {
                engine.Queue(arrivals.Dequeue());
            }
            else
            {
                engine.AdvanceTo(now);
                engine.DropAborted();
                if (engine.IsIdle)
                {
                    continue;
                }

                OracleStep step = engine.BeginStep()!;
                hostFree = now + step.Host;
                deviceFree = Math.Max(hostFree, deviceFree) + Math.Max(1, step.Duration - step.Host);
                step.DeviceEnd = deviceFree;
                inFlight.Enqueue(step);
            }
        }

        return engine;
    }
}
