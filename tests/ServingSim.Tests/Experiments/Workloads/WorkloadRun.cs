using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads;

/// <summary>
/// Runs of a workload, audited, on one replica whose every step takes 100 ms, with blocks of 16 tokens; a folder for
/// them that goes afterwards.
/// </summary>
internal sealed class WorkloadRun : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servingsim-workload-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Runs the workload that stands, indented by two, below the key; settings may follow.</summary>
    internal Summary Run(string workload, params string[] settings) =>
        ScenarioRunner.Run(Load(workload, settings), new RunOptions(_folder.FullName) { Audit = true }).Summary;

    /// <summary>What the workload is refused with.</summary>
    internal string Refusal(string workload, params string[] settings)
    {
        string message = Assert.Throws<ScenarioException>(() => Run(workload, settings)).Message;
        return message[(message.IndexOf(": ", StringComparison.Ordinal) + 2)..];
    }

    /// <summary>A file for a scenario to name.</summary>
    internal void File(string name, params string[] lines) =>
        System.IO.File.WriteAllLines(Path.Combine(_folder.FullName, name), lines);

    /// <summary>Columns of the last run's requests, joined by a blank, in order of arrival.</summary>
    internal string[] Rows(params string[] columns)
    {
        string[][] rows = [.. Read(ResultFolder.RequestsCsv).Select(l => l.Split(','))];
        int[] at = [.. columns.Select(c => Array.IndexOf(rows[0], c))];
        return
        [
            .. rows.Skip(1).OrderBy(r => int.Parse(r[0]))
                .Select(r => string.Join(' ', at.Select(i => Short(r[i])))),
        ];
    }

    /// <summary>The last run's scenario as it was understood.</summary>
    internal string Understood() => string.Join('\n', Read(ResultFolder.RunYaml));

    private static string Short(string field) => field.Contains('.') ? field.TrimEnd('0').TrimEnd('.') : field;

    private string[] Read(string name) => System.IO.File.ReadAllLines(Path.Combine(_folder.FullName, name));

    /// <summary>The scenario of a workload.</summary>
    internal static LoadedScenario Parse(string workload, string file, string[] settings, Catalog catalog) =>
        LoadedScenario.Parse(
            $$"""
            schema: 1
            name: by-hand
            workload:
            {{workload.ReplaceLineEndings("\n")}}
            cluster:
              pools:
                main:
                  gpu: h100-sxm
                  model: llama-3.1-8b
                  engine: { block_size: 16, num_gpu_blocks_override: 1000, max_model_len: 4000 }
                  latency: { name: constant, step_ms: 100 }
            """,
            file,
            settings,
            catalog);

    private LoadedScenario Load(string workload, string[] settings) =>
        Parse(workload, Path.Combine(_folder.FullName, "s.yaml"), settings, Catalog.Default);
}
