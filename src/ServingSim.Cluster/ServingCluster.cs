using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster;

/// <summary>Receives client requests, routes them to replicas, and tells how they end.</summary>
public sealed class ServingCluster
{
    private readonly Simulation _simulation;
    private readonly IRouter _router;
    private readonly IClusterObserver _observer;
    private readonly Func<ClientRequest, ItlClass> _classOf;
    private readonly Dictionary<long, (ClientRequest Client, int Replica)> _open = [];

    /// <summary>A cluster of idle replicas.</summary>
    /// <param name="simulation">The clock.</param>
    /// <param name="pool">The pool that serves every request.</param>
    /// <param name="router">What chooses among its replicas.</param>
    /// <param name="classOf">Which class a request's inter-token latencies are counted in.</param>
    /// <param name="observer">Who hears of everything.</param>
    public ServingCluster(
        Simulation simulation,
        PoolSpec pool,
        IRouter router,
        Func<ClientRequest, ItlClass> classOf,
        IClusterObserver observer)
    {
        Check.That(pool.Replicas >= 1, $"pool {pool.Name} has {pool.Replicas} replicas");
        (_simulation, _router, _classOf, _observer) = (simulation, router, classOf, observer);
        Pool = new Pool(simulation, pool, new Relay(this));
    }

    /// <summary>The pool that serves every request.</summary>
    public Pool Pool { get; }

    /// <summary>Client requests received so far.</summary>
    public long Arrived { get; private set; }

    /// <summary>Client requests that have not ended.</summary>
    public int OpenCount => _open.Count;

    /// <summary>Client requests that ended so far.</summary>
    public long EndedCount { get; private set; }

    /// <summary>Client requests that completed so far.</summary>
    public long CompletedCount { get; private set; }

    /// <summary>Receives a request at the instant of its arrival.</summary>
    public void Submit(ClientRequest client)
    {
        Check.That(client.Arrival == _simulation.Now, $"request {client.Id} arrives at {client.Arrival}");
        Arrived++;
        if (Pool.Replicas[0].ReasonToRefuse(client.PromptTokens) is { } reason)
        {
            End(new EndedRequest(client, ClientOutcome.Refused, reason, null, null));
            return;
        }

        int chosen = _router.Choose(client, Pool.Views);
        Check.That(chosen >= 0 && chosen < Pool.Replicas.Count, $"the router chose replica {chosen}");
        _open.Add(client.Id, (client, chosen));
        Pool.Views[chosen].Outstanding++;
        Pool.Views[chosen].OutstandingPromptTokens += client.PromptTokens;
        Pool.Replicas[chosen].Enqueue(
            new Request(new RequestId(client.Id, 0), client.Prompt, client.Output, _simulation.Now)
            {
                Priority = client.Priority,
                PredictedOutputTokens = client.PredictedOutputTokens,
                ItlClass = _classOf(client),
            });
    }

    /// <summary>The requests that have not ended: replica by replica, the running ones first.</summary>
    public IEnumerable<OpenRequest> Open()
    {
        foreach (Replica replica in Pool.Replicas)
        {
            for (Request? r = replica.State.FirstRunning; r is not null; r = r.NextRunning)
            {
                yield return new OpenRequest(_open[r.Id.Client].Client, r, replica);
            }

            foreach (Request waiting in replica.State.Waiting.InOrder())
            {
                yield return new OpenRequest(_open[waiting.Id.Client].Client, waiting, replica);
            }
        }
    }

    private void OnFinished(Replica replica, Request request)
    {
        bool known = _open.Remove(request.Id.Client, out (ClientRequest Client, int Replica) open);
        Check.That(known, $"request {request.Id} ended twice");
        Pool.Views[open.Replica].Outstanding--;
        Pool.Views[open.Replica].OutstandingPromptTokens -= open.Client.PromptTokens;
        End(new EndedRequest(open.Client, ClientOutcome.Completed, null, request, replica));
    }

    private void End(EndedRequest ended)
    {
        EndedCount++;
        CompletedCount += ended.Outcome == ClientOutcome.Completed ? 1 : 0;
        Check.That(
            EndedCount + _open.Count == Arrived, $"{Arrived} arrived, {EndedCount} ended, {_open.Count} are open");
        _observer.Ended(ended);
    }

    /// <summary>Passes on what replicas say, and hears itself what finished.</summary>
    private sealed class Relay(ServingCluster cluster) : IReplicaObserver
    {
        public void StepScheduled(Replica replica, StepPlan plan) => cluster._observer.StepScheduled(replica, plan);

        public void StepEnded(Replica replica, StepPlan plan) => cluster._observer.StepEnded(replica, plan);

        public void TokenGaps(ItlClass itlClass, int count, SimTime gap) =>
            cluster._observer.TokenGaps(itlClass, count, gap);

        public void FirstToken(Replica replica, Request request) => cluster._observer.FirstToken(replica, request);

        public void Finished(Replica replica, Request request)
        {
            cluster._observer.Finished(replica, request);
            cluster.OnFinished(replica, request);
        }
    }
}
