using CsCheck;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Kernel;

public sealed class SimulationTests
{
    [Fact]
    public void Events_of_one_instant_happen_by_phase_then_source_then_order_of_scheduling()
    {
        Simulation simulation = new();
        EventSource first = simulation.AddSource("first");
        EventSource second = simulation.AddSource("second");
        List<string> log = [];
        Schedule(second, Phase.Arrival, "second arrival");
        Schedule(first, Phase.Decision, "decision");
        Schedule(first, Phase.Arrival, "first arrival");
        Schedule(first, Phase.Arrival, "first arrival again");
        Schedule(second, Phase.StepEnd, "step end");
        Schedule(second, Phase.Fault, "fault");
        while (simulation.Step())
        {
        }

        Assert.Equal(
            ["fault", "step end", "first arrival", "first arrival again", "second arrival", "decision"], log);

        void Schedule(EventSource source, Phase phase, string name) =>
            simulation.Schedule(new SimEvent(source, phase, () => log.Add(name)), new SimTime(5));
    }

    [Fact]
    public void The_order_does_not_depend_on_how_much_another_source_schedules()
    {
        Assert.Equal(Run(busy: false), Run(busy: true));

        static string Run(bool busy)
        {
            Simulation simulation = new();
            EventSource noise = simulation.AddSource("noise");
            EventSource a = simulation.AddSource("a");
            EventSource b = simulation.AddSource("b");
            List<string> log = [];
            for (int i = 0; i < 10; i++)
            {
                int number = i;
                if (busy)
                {
                    simulation.Schedule(new SimEvent(noise, Phase.Control, () => { }), new SimTime(i % 3));
                }

                EventSource source = i % 2 == 0 ? b : a;
                simulation.Schedule(
                    new SimEvent(source, Phase.Arrival, () => log.Add($"{source.Name}{number}")), new SimTime(i % 3));
            }

            simulation.RunUntil(new SimTime(10));
            return string.Join(' ', log);
        }
    }

    /// <summary>
    /// Each event is due at a time, has the event of another source happen at the same instant, and goes on with one of
    /// its own.
    /// </summary>
    [Fact]
    public void Going_on_at_once_changes_no_order() =>
        Gen.Select(Gen.Int[0, 3], Gen.Enum<Phase>(), Gen.Enum<Phase>()).Array[1, 12].Sample(due =>
            Assert.Equal(LogOf(due, goesOn: false), LogOf(due, goesOn: true)));

    private static List<string> LogOf((int At, Phase Phase, Phase Next)[] due, bool goesOn)
    {
        Simulation simulation = new();
        List<string> log = [];
        for (int i = 0; i < due.Length; i++)
        {
            int own = i;
            EventSource source = simulation.AddSource($"{i}");
            SimEvent next = new(source, due[i].Next, () => Log("next"));
            SimEvent beside = new(simulation.AddSource($"beside {i}"), Phase.Control, () => Log("beside"));
            SimEvent first = new(source, due[i].Phase, () =>
            {
                Log("first");
                if (due[own].Phase <= Phase.Control)
                {
                    simulation.Schedule(beside, simulation.Now);
                }

                if (due[own].Next < due[own].Phase)
                {
                    return;
                }

                if (goesOn)
                {
                    simulation.Continue(next);
                }
                else
                {
                    simulation.Schedule(next, simulation.Now);
                }
            });
            simulation.Schedule(first, new SimTime(due[i].At));
            void Log(string what) => log.Add($"{own} {what} {simulation.Now} {simulation.Phase}");
        }

        while (simulation.Step())
        {
        }

        log.Add($"{simulation.EventCount} events");
        return log;
    }

    [Fact]
    public void An_event_in_the_past_is_a_bug()
    {
        Simulation simulation = new();
        EventSource source = simulation.AddSource("source");
        SimEvent early = new(source, Phase.StepEnd, () => { });
        simulation.Schedule(
            new SimEvent(source, Phase.Arrival, () => simulation.Schedule(early, simulation.Now)), new SimTime(1));
        Assert.Contains("StepEnd", Assert.Throws<InvariantException>(() => simulation.Step()).Message);
    }

    [Fact]
    public void RunUntil_includes_its_end_and_leaves_the_clock_there()
    {
        Simulation simulation = new();
        EventSource source = simulation.AddSource("source");
        int happened = 0;
        simulation.Schedule(new SimEvent(source, Phase.Arrival, () => happened++), new SimTime(5));
        simulation.Schedule(new SimEvent(source, Phase.Arrival, () => happened++), new SimTime(6));
        simulation.RunUntil(new SimTime(5));
        Assert.Equal((1, 5, 1), (happened, simulation.Now.Ticks, simulation.PendingCount));
    }

    /// <summary>A change at 5, looks at 3, 6, 9 …; the look at 9 is the second with nothing else to come.</summary>
    [Fact]
    public void The_time_in_which_only_looks_happen_is_known()
    {
        Simulation simulation = new();
        EventSource source = simulation.AddSource("source");
        SimEvent look = null!;
        look = new SimEvent(source, Phase.Control, () => simulation.Schedule(look, simulation.Now + new SimTime(3)))
        {
            IsLook = true,
        };
        simulation.Schedule(look, new SimTime(3));
        SimEvent change = new(source, Phase.Arrival, () => { });
        simulation.Schedule(change, new SimTime(4));
        simulation.Cancel(change);
        Assert.Equal(3, simulation.OnlyLooksFor!.Value.Ticks);
        simulation.Schedule(change, new SimTime(5));
        List<long?> onlyLooks = [];
        for (int i = 0; i < 4; i++)
        {
            onlyLooks.Add(simulation.OnlyLooksFor?.Ticks);
            simulation.Step();
        }

        Assert.Equal([null, null, 1, 4], onlyLooks);
    }

    /// <summary>The indexed heap against a list that is searched: schedule, move, cancel, step, in any order.</summary>
    [Fact]
    public void The_queue_equals_a_sorted_list_under_any_operations() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 19], Gen.Int[0, 6]).Array[1, 200].Sample(operations =>
        {
            Simulation simulation = new();
            EventSource[] sources = [simulation.AddSource("a"), simulation.AddSource("b"), simulation.AddSource("c")];
            List<(long Time, int Phase, int Source, long Sequence, int Event)> model = [];
            List<int> happened = [];
            List<int> expected = [];
            SimEvent[] events =
            [
                .. Enumerable.Range(0, 20).Select(i =>
                    new SimEvent(sources[i % 3], (Phase)(i % 7), () => happened.Add(i))),
            ];
            long sequence = 0;
            foreach ((int operation, int e, int delay) in operations)
            {
                if (operation <= 1)
                {
                    long time = simulation.Now.Ticks + 1 + delay;
                    model.RemoveAll(m => m.Event == e);
                    model.Add((time, e % 7, e % 3, sequence++, e));
                    simulation.Schedule(events[e], new SimTime(time));
                }
                else if (operation == 2)
                {
                    model.RemoveAll(m => m.Event == e);
                    simulation.Cancel(events[e]);
                }
                else if (simulation.Step())
                {
                    var next = model.Min();
                    model.Remove(next);
                    expected.Add(next.Event);
                }
            }

            while (simulation.Step())
            {
                expected.Add(model.Min().Event);
                model.Remove(model.Min());
            }

            Assert.Equal(expected, happened);
            Assert.All(events, e => Assert.False(e.IsPending));
        });
}
