using System.Text;
using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Auditing;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Running;

/// <summary>Builds what a scenario says, runs it to its end, and writes its results.</summary>
public sealed class ScenarioRunner : IDisposable
{
    private const int EventsPerLook = 1 << 14;
    private static readonly SimTime LongestWait = SimTime.FromSeconds(3600);
    private readonly LoadedScenario _loaded;
    private readonly Scenario _scenario;
    private readonly RunOptions _options;
    private readonly IWorkload _workload;
    private readonly ResultFolder? _folder;
    private readonly FailureTally? _failures;
    private readonly RunRecorder _recorder;
    private readonly Simulation _simulation = new();
    private readonly ServingCluster _cluster;
    private readonly Auditor? _auditor;
    private readonly TimeSeriesSampler _sampler;
    private readonly WaitingAtArrivals _waiting;
    private readonly SimEvent _arrival;
    private SimTime _nextArrival;

    private ScenarioRunner(
        LoadedScenario loaded, RunOptions options, IWorkload workload, ResultFolder? folder, FailureTally? failures)
    {
        (_loaded, _scenario, _options) = (loaded, loaded.Scenario, options);
        (_workload, _folder, _failures) = (workload, folder, failures);
        _recorder = new RunRecorder(loaded, _folder, options, failures);
        _arrival = new SimEvent(_simulation.AddSource("workload"), Phase.Arrival, Arrive);
        _auditor = options.Audit ? new Auditor(_simulation, _recorder) : null;
        _cluster = new ServingCluster(
            _simulation,
            ClusterBuilder.SpecOf(
                _scenario.Cluster,
                new RandomStreams(_scenario.Seed),
                options.WriteSteps ? 1 : int.MaxValue,
                _scenario.Clients),
            _recorder.ClassOf,
            new Relay(this));
        _sampler = new TimeSeriesSampler(
            _simulation,
            _cluster,
            _scenario.Outputs.TimeseriesInterval,
            () => GoesOn);
        _waiting = new WaitingAtArrivals(_cluster);
    }

    /// <summary>
    /// Open requests wait for something that will not happen: for so long that an autoscaler would have helped them,
    /// only gauges and health were read.
    /// </summary>
    private bool StandsStill => _simulation.OnlyLooksFor > LongestWait;

    private bool GoesOn => _workload.NextArrival is not null || _cluster.OpenCount > 0;

    /// <summary>Runs a scenario; throws what is wrong with it, its trace or its result folder.</summary>
    public static RunResult Run(LoadedScenario loaded, RunOptions options)
    {
        return loaded.WithinClock(() =>
        {
            FailureTally? failures = loaded.Scenario.Outputs.FailureTally(loaded.Scenario.ReportBy);
            using IWorkload workload = WorkloadContext.Create(
                loaded.Scenario, loaded.File, failures is null ? null : failures.AddFailedInTrace);
            using ResultFolder? folder = options.Folder is { } path ? new ResultFolder(path) : null;
            using ScenarioRunner runner = new(loaded, options, workload, folder, failures);
            return runner.Run();
        });
    }

    /// <summary>Gives back files.</summary>
    public void Dispose() => _recorder.Dispose();

    private RunResult Run()
    {
        ScheduleArrival();
        SimTime end = _scenario.Stop == StopRule.Cut ? _scenario.Duration!.Value : SimTime.Max;
        while (GoesOn && !StandsStill && _simulation.NextTime <= end && _simulation.Step())
        {
            if (_simulation.EventCount % EventsPerLook == 0)
            {
                Look();
            }
        }

        if (_scenario.Stop == StopRule.Cut)
        {
            _simulation.RunUntil(end);
        }

        _options.Cancellation.ThrowIfCancellationRequested();
        IReadOnlyList<TimeSeriesRecord> windows = _sampler.Complete();
        foreach (OpenRequest open in _cluster.Open())
        {
            _recorder.AddUnfinished(open, _simulation.Now);
        }

        _auditor?.Complete(_cluster);
        Summary summary = _recorder.Summarise(_simulation, _cluster, _workload.TraceCounts) with
        {
            Band = _options.Band,
        };
        ThrowIfNothingCounts(summary);
        _recorder.Dispose();
        if (_folder is not null)
        {
            Write(_folder, summary, windows);
        }

        return new RunResult(summary, windows, _waiting.Samples, _options.Folder);
    }

    private void ThrowIfNothingCounts(Summary summary)
    {
        if (summary.Arrived == summary.Warmup.Arrived)
        {
            throw _loaded.Error("warmup", $"all {summary.Arrived} requests arrive before it ends, none would count");
        }

        RequestCounts counts = summary.Overall.Counts;
        if (counts.Refused == counts.Arrived)
        {
            throw _loaded.Error("cluster", $"all requests are refused: {_recorder.ReasonsToRefuse()}");
        }
    }

    private void Look()
    {
        _options.Cancellation.ThrowIfCancellationRequested();
        _options.Progress?.Invoke(new RunProgress(
            _simulation.Now.TotalSeconds,
            _scenario.Duration?.TotalSeconds,
            _cluster.Arrived,
            _scenario.Requests,
            _cluster.EndedCount));
    }

    private void Write(ResultFolder folder, Summary summary, IReadOnlyList<TimeSeriesRecord> windows)
    {
        using (IRowWriter<TimeSeriesRecord> rows = ResultTables.TimeSeries.Open(folder, _scenario.Outputs.Format))
        {
            foreach (TimeSeriesRecord window in windows)
            {
                rows.Write(window);
            }
        }

        if (summary.Faults is { } faults)
        {
            using IRowWriter<FaultRecord> rows = ResultTables.Faults.Open(folder, _scenario.Outputs.Format);
            foreach (FaultRecord fault in faults.Faults)
            {
                rows.Write(fault);
            }
        }

        if (_failures is not null)
        {
            using IRowWriter<FailureWindow> rows = ResultTables.Failures.Open(folder, _scenario.Outputs.Format);
            foreach (FailureWindow window in _failures.Windows)
            {
                rows.Write(window);
            }
        }

        if (_options.Draw is { } draw && windows.Count > 0)
        {
            using Stream picture = folder.OpenFile(ResultFolder.TimeSeriesPng);
            draw(picture, windows, _scenario.Outputs.TimeseriesInterval.TotalSeconds);
        }

        using (Stream json = folder.OpenFile(ResultFolder.SummaryJson))
        {
            SummaryJson.Write(json, summary);
        }

        using (Stream yaml = folder.OpenFile(ResultFolder.RunYaml))
        {
            yaml.Write(Encoding.UTF8.GetBytes(_loaded.ToYaml(folder.Path)));
        }

        folder.Complete();
    }

    private void Arrive()
    {
        if (_simulation.Now >= _scenario.Warmup)
        {
            _waiting.OnArrival();
        }

        _cluster.Submit(_workload.Take());
        ScheduleArrival();
    }

    private void ScheduleArrival()
    {
        if (_workload.NextArrival is { } next && !(_arrival.IsPending && next == _nextArrival))
        {
            _nextArrival = next;
            _simulation.Schedule(_arrival, next);
        }
    }

    private void OnEnded(EndedRequest ended)
    {
        _workload.OnFinished(
            ended.Client, ended.Outcome, _simulation.Now, ended.OutputTokens);
        ScheduleArrival();
    }

    /// <summary>Passes on what the cluster says to the records, and how requests end to the workload.</summary>
    private sealed class Relay(ScenarioRunner runner) : IClusterObserver
    {
        private readonly IClusterObserver _records = (IClusterObserver?)runner._auditor ?? runner._recorder;

        public void StepScheduled(Replica replica, StepPlan plan) => _records.StepScheduled(replica, plan);

        public void StepEnded(Replica replica, StepPlan plan) => _records.StepEnded(replica, plan);

        public void TokenGaps(ItlClass itlClass, int count, in StepTimes steps) =>
            _records.TokenGaps(itlClass, count, steps);

        public void FirstToken(Replica replica, Request request)
        {
            runner._sampler.AddTtft(replica, runner._simulation.Now - ServingCluster.ClientOf(request).Arrival);
            _records.FirstToken(replica, request);
        }

        public void Dropped(Replica replica, Request request) => _records.Dropped(replica, request);

        public void Finished(Replica replica, Request request) => _records.Finished(replica, request);

        public void Ended(EndedRequest ended)
        {
            _records.Ended(ended);
            runner.OnEnded(ended);
        }
    }
}
