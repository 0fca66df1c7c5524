using System.Text;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

/// <summary>A CSV file that goes when it is disposed of.</summary>
internal sealed class TemporaryCsv : IDisposable
{
    internal const string Header = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type";

    private readonly string _folder = Directory.CreateTempSubdirectory("servingsim").FullName;

    internal TemporaryCsv(byte[] content) => File.WriteAllBytes(Path.FullPath, content);

    internal TemporaryCsv(string content)
        : this(Encoding.UTF8.GetBytes(content))
    {
    }

    internal FilePath Path => new(System.IO.Path.Combine(_folder, "trace.csv"), "./trace.csv");

    /// <summary>A file of the first schema with these rows.</summary>
    internal static TemporaryCsv Of(params string[] rows) => new(string.Join('\n', [Header, .. rows]) + '\n');

    /// <summary>A conversation row of ChatGPT.</summary>
    internal static string Row(
        long second, int prompt, int output, string model = "ChatGPT", string type = "Conversation log") =>
        $"{second},{model},{prompt},{output},{prompt + output},{type}";

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
