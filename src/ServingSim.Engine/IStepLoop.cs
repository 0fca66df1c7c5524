using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>What a <see cref="Replica"/> asks of the loop that plans its steps and ends them.</summary>
internal interface IStepLoop
{
    /// <summary>See <see cref="Replica.TokensReceivedBy"/>.</summary>
    int TokensReceivedBy(Request request);

    /// <summary>A request that may end at a token which nobody can foresee is about to be queued.</summary>
    void Watch(Request request);

    /// <summary>Whether an arrival could change the steps that are to follow in the run.</summary>
    bool ReactsTo(Request arrival);

    /// <summary>See <see cref="Replica.SettleTo"/>.</summary>
    void SettleTo(SimTime time, Phase phase);

    /// <summary>The steps planned from now on take as long as this model says; the run has been cut.</summary>
    void ChangeLatency(ILatencyModel latency);

    /// <summary>
    /// A request leaves unfinished; if a step computes something of it and lets it go, when that ends.
    /// </summary>
    void DropWhenPossible(Request request);

    /// <summary>Whatever is in flight comes to nothing, and these requests leave.</summary>
    void Stop(List<Request> requests);

    /// <summary>Something has come from outside: a step is planned before this instant ends, if one can be.</summary>
    void DecideIfPossible();

    /// <summary>Ends the run with the window that passes now.</summary>
    void CutRun();
}
