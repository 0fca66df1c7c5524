using System.Diagnostics;
using System.Globalization;
using BenchmarkDotNet.Running;
using ServingSim.Benchmarks;

if (args is ["micro", .. string[] options])
{
    string[] all = ["--inProcess", "--filter", "*"];
    BenchmarkSwitcher.FromAssembly(typeof(MeasuredCase).Assembly).Run(options.Length > 0 ? options : all);
    return 0;
}

if (args is ["measure", string measured, string measuredMode, string repeat, .. string[] sized])
{
    MeasuredCase only = Cases.All().Single(c => c.Name == measured);
    double share = sized is [string part] ? double.Parse(part, CultureInfo.InvariantCulture) : 1;
    RunMode how = Enum.Parse<RunMode>(measuredMode);
    Console.WriteLine(Measurement.Row(only, how, int.Parse(repeat, CultureInfo.InvariantCulture), share));
    return 0;
}

string repetitions = "3";
string scale = "1";
List<string> names = [];
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--repetitions" when i + 1 < args.Length:
            repetitions = args[++i];
            break;
        case "--scale" when i + 1 < args.Length:
            scale = args[++i];
            break;
        default:
            names.Add(args[i]);
            break;
    }
}

string[] unknown = [.. names.Except(Cases.All().Select(c => c.Name))];
if (unknown.Length > 0)
{
    string known = string.Join(", ", Cases.All().Select(c => c.Name));
    Console.Error.WriteLine($"found {string.Join(", ", unknown)}; expected micro or some of {known}");
    return 2;
}

Console.WriteLine(Measurement.Header);
foreach (MeasuredCase one in Cases.All().Where(c => names.Count == 0 || names.Contains(c.Name)))
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
            Environment.ProcessPath!, ["measure", one.Name, mode.ToString(), repetitions, scale]);
        child.WaitForExit();
        if (child.ExitCode != 0)
        {
            return child.ExitCode;
        }
    }
}

return 0;
