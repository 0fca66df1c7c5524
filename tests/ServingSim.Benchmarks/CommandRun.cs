using System.Diagnostics;
using System.Globalization;

namespace ServingSim.Benchmarks;

/// <summary>The command line in a process of its own.</summary>
public static class CommandRun
{
    /// <summary>Names another <c>servingsim.dll</c> than that beside the benchmarks: a published one.</summary>
    private const string ProgramVariable = "SERVINGSIM_PROGRAM";

    /// <summary>Clock ticks a second in <c>/proc</c>: the same on every Linux.</summary>
    private const double ProcTicksPerS = 100;

    // "The time of children that were waited for": utime and stime of the children, counted behind the name's bracket
    private const int ChildUserField = 13;

    /// <summary>Runs the command; its processor time in s where the system tells it (Linux), else wall time.</summary>
    public static (double CpuS, double WallS) Measure(MeasuredCase measured, double scale)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("servingsim-");
        try
        {
            return Measure(measured.Yaml.Length == 0 ? ["--help"] : RunArguments(measured, scale, folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string[] RunArguments(MeasuredCase measured, double scale, string folder)
    {
        string scenario = Path.Combine(folder, "scenario.yaml");
        File.WriteAllText(scenario, measured.Yaml);
        string[] run = ["run", scenario, "--quiet", "--out", Path.Combine(folder, "results")];
        return measured.Requests is { } all && scale != 1
            ? [.. run, "--set", string.Create(CultureInfo.InvariantCulture, $"requests={(long)(all * scale)}")]
            : run;
    }

    private static (double CpuS, double WallS) Measure(string[] arguments)
    {
        double before = ChildrenCpuS();
        Stopwatch watch = Stopwatch.StartNew();
        string program = Environment.GetEnvironmentVariable(ProgramVariable)
            ?? Path.Combine(AppContext.BaseDirectory, "servingsim.dll");
        ProcessStartInfo start = new("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using Process child = Process.Start(start)!;
        child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        double wall = watch.Elapsed.TotalSeconds;
        return child.ExitCode == 0
            ? (OperatingSystem.IsLinux() ? ChildrenCpuS() - before : wall, wall)
            : throw new InvalidOperationException($"the command ended with {child.ExitCode}");
    }

    private static double ChildrenCpuS()
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        string stat = File.ReadAllText("/proc/self/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[ChildUserField], CultureInfo.InvariantCulture)
            + long.Parse(fields[ChildUserField + 1], CultureInfo.InvariantCulture)) / ProcTicksPerS;
    }
}
