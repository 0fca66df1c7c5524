namespace ServingSim.Tests.Oracle;

/// <summary>vLLM's engine loop, literally: one step after the other (v1/engine/core.py, step).</summary>
internal static class OracleSyncLoop
{
    /// <summary>
    /// Runs until all requests have finished. Those that arrive at one tick queue in the given order.
    /// </summary>
    public static OracleEngine Run(
        OracleConfig config,
        IEnumerable<OracleRequest> requests,
        Func<OracleStepShape, long> stepTime,
        IEnumerable<(long Tick, int Id)>? aborted = null)
    {
        OracleEngine engine = new(config, stepTime);
        Queue<(long Tick, int Id)> aborts = new((aborted ?? []).OrderBy(abort => abort.Tick));
        Queue<OracleRequest> arrivals = new(requests.OrderBy(request => request.Arrival));
        while (arrivals.Count > 0 || !engine.IsIdle)
        {
            if (engine.IsIdle)
            {
                Abort(arrivals.Peek().Arrival);
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

            OracleStep step = engine.BeginStep()!;
            while (arrivals.TryPeek(out OracleRequest? next) && next.Arrival < step.End)
            {
                Abort(next.Arrival);
                engine.Queue(arrivals.Dequeue());
            }

            Abort(step.End);
            engine.EndStep();
        }

        return engine;

        void Abort(long until)
        {
            while (aborts.TryPeek(out (long Tick, int Id) next) && next.Tick <= until)
            {
                aborts.Dequeue();
                engine.Abort(engine.SequenceOf(next.Id), next.Tick);
            }
        }
    }
}
