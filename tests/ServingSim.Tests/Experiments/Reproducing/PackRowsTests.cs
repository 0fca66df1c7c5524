using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ServingSim.Experiments;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Reproducing;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Reproducing;

/// <summary>What a pack makes of its rows: their days, the seed of simulations, what it cannot do.</summary>
public sealed partial class PackRowsTests : IDisposable
{
    private const int SecondsPerDay = 86_400;

    private static readonly string Scenarios =
        Path.Combine(SharedData.Root, "configs", "reproductions", "burstgpt", "scenarios");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servingsim-pack-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Rows_that_begin_later_than_their_set_have_the_days_that_they_cover()
    {
        Pack pack = Write("composition-table, data: [days], sum: [days]");
        using PackData data = new(pack, [Trace(5, 7)], 1, Catalog.Default, CancellationToken.None);

        DataSet set = data.Get("days");
        Assert.Equal((5, 7, false), (set.FirstDay, set.DaysGiven, set.IsWhole));
    }

    [Fact]
    public void A_map_of_weeks_leaves_days_before_the_first_row_empty()
    {
        Comparison figure = Run(
            "weekly-heat-maps, first_day: 5, weeks: 2, first_week: 45, conversation_to: 10, api_to: 10", 7, 7);

        Panel panel = figure.Made!.Pictures[0].Panels.Single(p => p.Title == "ChatGPT conversation");
        double?[] days = [.. panel.HeatMap!.Cells.SelectMany(c => c)];
        Assert.Equal([null, null, 96, 96, 96, 96, 96, 96, 96, null, null, null, null, null], days);
    }

    [Theory]
    [InlineData(5, 7, "No whole workday is left to provision for after those learned from.")]
    [InlineData(0, 3, "6 days of conversations are the fewest to learn from.")]
    public void Too_few_days_to_forecast_are_missing_data(int first, int days, string reason)
    {
        Comparison figure = Run($"load-forecast, scenario: '{Scenarios}/provisioning.yaml'", first, days);

        Assert.Equal(new Verdict(VerdictKind.DataMissing, reason), figure.Verdict);
    }

    [Theory]
    [InlineData("0.01")]
    [InlineData("0.99")]
    public void A_share_that_leaves_no_day_to_learn_from_or_to_forecast_is_an_error(string share)
    {
        ScenarioException e = Assert.Throws<ScenarioException>(() => Run(
            $"load-forecast, scenario: '{Scenarios}/provisioning.yaml', learned_share: {share}", 0, 8));
        Assert.EndsWith(
            $"figure.yaml: reproduction.learned_share: found {share} of 8 days, expected at least a day to learn from "
            + "and a day to forecast: from 0.125 to 0.875", e.Message);
    }

    [Fact]
    public void An_option_that_names_unknown_data_is_an_error()
    {
        ScenarioException e = Assert.Throws<ScenarioException>(
            () => Run("arrival-table, gaps: days, peaks: nodata, variations: days", 0, 2));
        Assert.EndsWith("figure.yaml: reproduction: there is no set of data 'nodata'; known: days", e.Message);
    }

    [Fact]
    public void Simulations_draw_from_the_seed()
    {
        string kv = $"kv-cache, scenario: '{Scenarios}/kv-cache.yaml', rates_per_s: [0.326], requests: 50, "
            + "replications: 2";
        string[] numbers = [.. new[] { 1L, 1L, 2L }.Select(seed => Shown(Run(kv, 0, 2, seed)))];

        Assert.Equal(numbers[0], numbers[1]);
        Assert.NotEqual(numbers[0], numbers[2]);
    }

    [Fact]
    public void Every_file_that_the_pack_names_is_in_the_programs_folder_too()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "configs", "reproductions", "burstgpt");
        string[] named =
        [
            .. Directory.GetFiles(folder, "*.yaml").SelectMany(f => NamedFile().Matches(File.ReadAllText(f)))
                .Select(m => Path.GetFullPath(Path.Combine(folder, m.Groups[2].Value))).Distinct(),
        ];

        Assert.True(named.Length >= 8, $"{named.Length}");
        Assert.DoesNotContain(named, f => !File.Exists(f));
        Assert.All(
            named.Where(f => Path.GetFileName(Path.GetDirectoryName(f)) == "scenarios"),
            f => Assert.NotNull(LoadedScenario.Read(f, [], Catalog.Default)));
    }

    [GeneratedRegex(@"\b(scenario|model): ([\w./-]+\.yaml)", RegexOptions.CultureInvariant)]
    private static partial Regex NamedFile();

    private static string Shown(Comparison figure) => string.Join(
        '\n', figure.Made!.Tables.SelectMany(t => t.Rows).Select(r => string.Join(',', r)));

    private Comparison Run(string reproduction, int first, int days, long seed = 1)
    {
        Pack pack = Write(reproduction);
        using PackData data = new(pack, [Trace(first, days)], seed, Catalog.Default, CancellationToken.None);
        return Assert.Single(Reproducer.Run(
            pack, pack.Figures, data, seed, new ParallelRuns(1, CancellationToken.None), Catalog.Default).Figures);
    }

    private Pack Write(string reproduction)
    {
        File.WriteAllText(
            Path.Combine(_folder.FullName, "pack.yaml"),
            "schema: 1\ntitle: A paper\nabout: none\n"
            + "data: { days: { title: days, from_day: 0, days: 61 } }\norder: [figure]\n");
        File.WriteAllText(
            Path.Combine(_folder.FullName, "figure.yaml"),
            $"schema: 1\ntitle: t\nsource: s\nneeds: [days]\nreproduction: {{ name: {reproduction} }}\n");
        return Pack.Read(_folder.FullName, Catalog.Default);
    }

    /// <summary>A conversation each quarter of an hour of so many days.</summary>
    private string Trace(int first, int days)
    {
        StringBuilder text = new("Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n");
        for (int at = first * SecondsPerDay; at < (first + days) * SecondsPerDay; at += 900)
        {
            int prompt = 100 + (at / 900 % 7);
            text.Append(CultureInfo.InvariantCulture, $"{at},ChatGPT,{prompt},40,{prompt + 40},Conversation log\n");
        }

        string path = Path.Combine(_folder.FullName, "t.csv");
        File.WriteAllText(path, text.ToString());
        return path;
    }
}
