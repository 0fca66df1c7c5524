using System.Diagnostics;
using BenchmarkDotNet.Running;
using ServingSim.Benchmarks;

if (args is ["micro", .. string[] options])
{
    string[] all = ["--inProcess", "--filter", "*"];
    BenchmarkSwitcher.FromAssembly(typeof(MeasuredCase).Assembly).Run(options.Length > 0 ? options : all);
    return 0;
}

if (args is ["measure", string measured, string measuredMode, string repetitions])
{
    MeasuredCase only = Cases.All().Single(c => c.Name == measured);
    Console.WriteLine(Measurement.Row(only, Enum.Parse<RunMode>(measuredMode), int.Parse(repetitions)));
    return 0;
}

int count = args is ["--repetitions", string text, ..] ? int.Parse(text) : 3;
string[] names = args is ["--repetitions", _, .. string[] rest] ? rest : args;
string[] unknown = [.. names.Except(Cases.All().Select(c => c.Name))];
if (unknown.Length > 0)
{
    string known = string.Join(", ", Cases.All().Select(c => c.Name));
    Console.Error.WriteLine($"found {string.Join(", ", unknown)}; expected micro or some of {known}");
    return 2;
}

Console.WriteLine(Measurement.Header);
foreach (MeasuredCase one in Cases.All().Where(c => names.Length == 0 || names.Contains(c.Name)))
{
    if (one.Missing is { } missing)
    {
        Console.WriteLine($"{one.Name}: skipped, {missing} is missing");
        continue;
    }

    foreach (RunMode mode in one.Modes)
    {
        // A process of its own, because a process remembers the peak of all that it ever ran
        using Process child = Process.Start(
            Environment.ProcessPath!, ["measure", one.Name, mode.ToString(), $"{count}"]);
        child.WaitForExit();
        if (child.ExitCode != 0)
        {
            return child.ExitCode;
        }
    }
}

return 0;
