using ServingSim.Cli;
using ServingSim.Experiments;

namespace ServingSim.Tests.Cli;

/// <summary>The real commands in this process, with a folder for their files that goes afterwards.</summary>
internal sealed class CommandRun : IDisposable
{
    private readonly CancellationTokenSource _interrupted = new();

    /// <summary>Where tests put their files.</summary>
    internal string Folder { get; } = Directory.CreateTempSubdirectory("servingsim-").FullName;

    /// <summary>What the last command wrote to standard output.</summary>
    internal string Output { get; private set; } = "";

    /// <summary>What the last command wrote to standard error, the paths of both folders taken out.</summary>
    internal string Error { get; private set; } = "";

    internal static string Scenario(string name) =>
        Path.Combine(SharedData.Root, "configs", "scenarios", name + ".yaml");

    internal static string Trace(string name) => Path.Combine(SharedData.Root, "traces", name);

    public void Dispose()
    {
        _interrupted.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>As if Ctrl-C were pressed before the next command.</summary>
    internal void Interrupt() => _interrupted.Cancel();

    /// <summary>Runs a command; the result is its exit code.</summary>
    internal int Run(params string[] args)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int code = ServingSimCli.Run(
            args, new CommandContext(output, error, false, _interrupted.Token), Catalog.Default);
        Output = output.ToString();
        Error = error.ToString().Replace(Folder + "/", "").Replace(SharedData.Root + "/", "");
        return code;
    }

    internal string In(string name) => Path.Combine(Folder, name);

    internal string File(string name, string text)
    {
        System.IO.File.WriteAllText(In(name), text);
        return In(name);
    }

    /// <summary>The names of a result folder's files, sorted; none where there is no folder.</summary>
    internal string[] FilesOf(string folder) => Directory.Exists(In(folder))
        ? [.. Directory.GetFileSystemEntries(In(folder)).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)]
        : [];

    internal byte[] Bytes(string folder, string name) => System.IO.File.ReadAllBytes(Path.Combine(In(folder), name));

    internal string Text(string folder, string name) => System.IO.File.ReadAllText(Path.Combine(In(folder), name));
}
