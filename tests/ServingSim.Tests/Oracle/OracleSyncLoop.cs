namespace ServingSim.Tests.Oracle;

/// <summary>vLLM's engine loop, literally: one step after the other (v1/engine/core.py, step).</summary>
internal static class OracleSyncLoop
{
    /// <summary>
    /// Runs until all requests have finished. Those that arrive at one tick queue in the given order.
    /// </summary>
    public static OracleEngine Run(
        OracleConfig config, IEnumerable<OracleRequest> requests, Func<OracleStepShape, long> stepTime)
    {
        OracleEngine engine = new(config, stepTime);
        Queue<OracleRequest> arrivals = new(requests.OrderBy(request => request.Arrival));
        while (arrivals.Count > 0 || !engine.IsIdle)
        {
            if (engine.IsIdle)
            {
                engine.Queue(arrivals.Dequeue());
            }

            while (arrivals.TryPeek(out OracleRequest? next) && next.Arrival <= engine.Now)
            {
                engine.Queue(arrivals.Dequeue());
            }

            if (engine.IsIdle)
            {
                continue;
            }

            OracleStep step = engine.BeginStep();
            while (arrivals.TryPeek(out OracleRequest? next) && next.Arrival < step.End)
            {
                engine.Queue(arrivals.Dequeue());
            }

            engine.EndStep();
        }

        return engine;
    }
}
