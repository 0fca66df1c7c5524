using System.Text;
using CsCheck;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Scenarios;

public sealed class ScenarioFuzzTests : IDisposable
{
    private static readonly byte[] Valid = Encoding.UTF8.GetBytes(
        Sample.Valid + "\nlabels: &l { a: 'b', \"c\": d }\nreport_by: [x, y]\n"
            + "note: |\n  long\n  text\ntrace: x.csv # why\n");

    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void Random_bytes_throw_nothing_but_a_scenario_exception() =>
        Gen.Byte.Array[0, 60].Sample(Try, iter: 3000, threads: 1);

    [Fact]
    public void Random_yaml_signs_throw_nothing_but_a_scenario_exception() => Gen.OneOf(
            "a", "b", ":", ": ", "- ", "-", "[", "]", "{", "}", ",", "\n", "  ", "\t", "&a ", "*a", "!", "!!x ",
            "|", ">", "'", "\"", "#", "%", "@", "?", "? ", "<<", "---\n", "...\n", "\\", "\r", "é", "0", "~",
            "include: [s.yaml]\n", "name: ")
        .Array[0, 30].Select(s => Encoding.UTF8.GetBytes(string.Concat(s))).Sample(Try, iter: 3000, threads: 1);

    [Fact]
    public void Random_changes_of_a_valid_file_throw_nothing_but_a_scenario_exception() =>
        Gen.Select(
                Gen.Int[0, Valid.Length],
                Gen.Int[0, 12],
                Gen.OneOf(Gen.Byte, Gen.Char[' ', '~'].Select(c => (byte)c)).Array[0, 4])
            .Array[1, 4]
            .Select(changes => changes.Aggregate(Valid, (bytes, change) =>
            [
                .. bytes.Take(change.Item1), .. change.Item3, .. bytes.Skip(change.Item1 + change.Item2),
            ]))
            .Sample(Try, iter: 3000, threads: 1);

    [Fact]
    public void Random_settings_throw_nothing_but_a_scenario_exception() => Gen.Select(
            Gen.OneOf("seed", "cluster", "labels", "report_by", "0", "trace", "", "include").Array[1, 4],
            Gen.String[0, 8],
            (path, value) => string.Join('.', path) + "=" + value)
        .Sample(setting => Try(Valid, setting), iter: 1000, threads: 1);

    private void Try(byte[] bytes) => Try(bytes, "quiet=true");

    private void Try(byte[] bytes, string setting)
    {
        string path = _sample.File("s.yaml", bytes);
        try
        {
            ScenarioFile.Read<SampleScenario>(path, [setting], _sample);
        }
        catch (ScenarioException e)
        {
            Assert.All(e.Errors, error => Assert.DoesNotContain('\n', error.ToString()));
        }
    }
}
