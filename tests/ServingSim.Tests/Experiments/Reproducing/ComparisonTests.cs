using ServingSim.Experiments;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Reproducing;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Reproducing;

/// <summary>What verdict a figure gets, by a pack of its own and a reproduction that gives two numbers.</summary>
public sealed class ComparisonTests : IDisposable
{
    private const string Main = """
        schema: 1
        title: A paper
        about: none
        data:
          day: { title: a day, from_day: 0, days: 1, model: models/model.yaml }
          two-days: { title: two days, from_day: 0, days: 2 }
        order: [figure]
        """;

    private const string Model = """
        duration: 1d
        workload:
          source: synthetic
          arrivals: { name: poisson, rate_per_s: 0.01 }
          prompt_tokens: { name: constant, tokens: 10 }
          output_tokens: { name: constant, tokens: 5 }
          labels: { model: M, log_type: L }
        """;

    private static readonly Catalog Catalog = Catalog.Default with
    {
        Reproductions = Catalog.Default.Reproductions.Add("numbers", "a and b", _ => new TwoNumbers()),
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servingsim-pack-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void All_numbers_within_their_tolerances_are_a_figure_reproduced()
    {
        Comparison figure = Run("- { number: a, unit: x, value: 11, relative: 0.1 }",
            "- { number: b, unit: x, value: 20.4, absolute: 0.4 }");
        Assert.Equal(
            new Verdict(VerdictKind.Reproduced, "All 2 numbers that these rows tell are within their tolerances."),
            figure.Verdict);
        Assert.Equal(-1.0 / 11, figure.Compared[0].Deviation!.Value, 12);
    }

    [Fact]
    public void One_number_outside_is_a_figure_that_differs_and_named()
    {
        Comparison figure = Run(
            "- { number: a, unit: x, value: 12, relative: 0.1 }", "- { number: b, unit: x, value: 20 }");
        Assert.Equal(
            new Verdict(VerdictKind.Differs, "1 of 2 numbers are outside their tolerances: a."), figure.Verdict);
    }

    [Fact]
    public void What_the_model_was_fitted_on_is_said()
    {
        Comparison figure = Run(
            "- { number: a, unit: x, value: 10, fitted: true }", "- { number: b, unit: x, value: 20 }");
        Assert.EndsWith("The model that made the rows was fitted on 1 of them.", figure.Verdict.Reason);
    }

    [Fact]
    public void Generated_rows_have_their_own_tolerance_and_share()
    {
        Assert.Equal(VerdictKind.Differs, Run("- { number: a, unit: x, value: 12, relative: 0.1 }").Verdict.Kind);
        Assert.Equal(
            VerdictKind.Reproduced,
            Run("- { number: a, unit: x, value: 12, relative: 0.1, generated: 0.2 }").Verdict.Kind);
        string[] half =
        [
            "generated_share: 0.5", "- { number: a, unit: x, value: 12 }", "- { number: b, unit: x, value: 20 }",
        ];
        Assert.Equal(
            "1 of 2 numbers are within their tolerances, as chance allows generated rows; not so a.",
            Run(half).Verdict.Reason);

        // Real rows have neither
        string real = Trace(1);
        Assert.Equal(VerdictKind.Differs, Run([real], half).Verdict.Kind);
        Assert.Equal(
            VerdictKind.Differs,
            Run([real], "- { number: a, unit: x, value: 12, relative: 0.1, generated: 0.2 }").Verdict.Kind);
    }

    [Fact]
    public void A_number_that_nobody_knows_is_not_compared()
    {
        Comparison figure = Run("- { number: a, unit: x }");
        Assert.Equal(VerdictKind.NoPublishedNumber, figure.Verdict.Kind);
        Assert.All(figure.Compared, c => Assert.Equal(ComparedOutcome.NotPublished, c.Outcome));
        Assert.Equal(["a", "b"], figure.Compared.Select(c => c.Published.Number));
    }

    [Fact]
    public void A_number_that_the_rows_do_not_show_is_outside()
    {
        Comparison figure = Run("- { number: c, unit: x, value: 1 }");
        Assert.Equal(ComparedOutcome.Outside, figure.Compared[0].Outcome);
        Assert.Equal(VerdictKind.Differs, figure.Verdict.Kind);
    }

    [Fact]
    public void Days_that_are_not_there_are_missing_data()
    {
        string[] file = ["needs: [two-days]", "- { number: a, unit: x, value: 10 }"];
        Comparison none = Run(file);
        Assert.Null(none.Made);
        Assert.Equal(new Verdict(VerdictKind.DataMissing, "No row is given of two days."), none.Verdict);

        Comparison part = Run([Trace(1)], file);
        Assert.NotNull(part.Made);
        Assert.Equal(
            new Verdict(VerdictKind.DataMissing, "t1.csv has 1 of the 2 days of two days."), part.Verdict);
        Assert.Equal(VerdictKind.Reproduced, Run([Trace(1), Trace(2)], file).Verdict.Kind);
    }

    [Fact]
    public void Most_numbers_without_their_rows_are_no_figure_reproduced()
    {
        string[] file = ["- { number: c, unit: x, value: 1, data: two-days }", "- { number: a, unit: x, value: 10 }"];
        Assert.Equal(VerdictKind.Reproduced, Run(file).Verdict.Kind);

        file = [.. file, "- { number: d, unit: x, value: 1, data: two-days }"];
        Assert.Equal(
            new Verdict(
                VerdictKind.DataMissing,
                "All 1 numbers that these rows tell are within their tolerances. 2 more need rows that are not there. "
                + "That is fewer than half."),
            Run(file).Verdict);
        // What is found to differ stays so
        Assert.Equal(VerdictKind.Differs, Run([.. file[..1], file[2], file[1].Replace("10", "12")]).Verdict.Kind);
    }

    [Fact]
    public void Rows_of_other_days_are_cut_off()
    {
        Pack pack = Write("- { number: a, unit: x, value: 10 }");
        using PackData data = new(pack, [Trace(2)], 1, Catalog, CancellationToken.None);
        Assert.Equal(1, data.Get("day").Description.Rows);
        Assert.Equal(2, data.Get("two-days").Description.Rows);
        Assert.Equal(["M, L"], data.Get("day").Columns.Services.Select(s => s.Name));
    }

    [Fact]
    public void Generated_files_go_with_the_pack()
    {
        Pack pack = Write("- { number: a, unit: x, value: 10 }");
        string path;
        using (PackData data = new(pack, [], 1, Catalog, CancellationToken.None))
        {
            path = data.Get("day").Path;
            Assert.True(File.Exists(path));
            Assert.Same(data.Get("day"), data.Get("day"));
            Assert.Equal("generated by model, seed 1", data.Get("day").Origin);
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void All_that_is_wrong_in_a_pack_is_said_at_once()
    {
        Assert.Throws<ScenarioException>(
            () => Write("- { number: a, unit: x, value: ten }", "- { number: b, unit: x, colour: 1 }"));
        File.WriteAllText(Path.Combine(_folder.FullName, "pack.yaml"), Main.Replace("[figure]", "[figur]"));
        File.Copy(Path.Combine(_folder.FullName, "figure.yaml"), Path.Combine(_folder.FullName, "other.yaml"));
        ScenarioException e = Assert.Throws<ScenarioException>(() => Pack.Read(_folder.FullName, Catalog));
        Assert.Contains("order: there is no figure 'figur' (did you mean 'figure'?)", e.Message);
        Assert.Contains("order: figure.yaml is left out, expected every figure once", e.Message);
        File.WriteAllText(
            Path.Combine(_folder.FullName, "pack.yaml"), Main.Replace("[figure]", "[figure, other]"));
        e = Assert.Throws<ScenarioException>(() => Pack.Read(_folder.FullName, Catalog));
        Assert.Contains("figure.yaml:7: published.0.value: found 'ten', expected a number", e.Message);
        Assert.Contains("other.yaml:8: published.1: unknown key 'colour'; known: number, unit, value, ", e.Message);
    }

    [Fact]
    public void A_set_of_data_that_the_pack_does_not_know_is_an_error()
    {
        ScenarioException e = Assert.Throws<ScenarioException>(
            () => Write("needs: [weak]", "- { number: a, unit: x, value: 1, data: dya }"));
        Assert.Contains("needs.0: there is no set of data 'weak'; known: day, two-days", e.Message);
        Assert.Contains("published.0.data: there is no set of data 'dya' (did you mean 'day'?)", e.Message);
    }

    private Comparison Run(params string[] lines) => Run([], lines);

    private Comparison Run(string[] traces, params string[] lines)
    {
        Pack pack = Write(lines);
        using PackData data = new(pack, traces, 1, Catalog, CancellationToken.None);
        return Assert.Single(Reproducer.Run(
            pack, pack.Figures, data, 1, new ParallelRuns(1, CancellationToken.None), Catalog).Figures);
    }

    /// <summary>A pack of one figure; lines that begin with a dash are numbers, others its keys.</summary>
    private Pack Write(params string[] lines)
    {
        string keys = string.Concat(lines.Where(l => l[0] != '-').Select(l => l + "\n"));
        string needs = keys.Contains("needs:") ? "" : "needs: [day]\n";
        File.WriteAllText(Path.Combine(_folder.FullName, "pack.yaml"), Main);
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "models"));
        File.WriteAllText(Path.Combine(_folder.FullName, "models", "model.yaml"), Model);
        File.WriteAllText(
            Path.Combine(_folder.FullName, "figure.yaml"),
            $"schema: 1\ntitle: t\nsource: s\nreproduction: numbers\n{needs}{keys}published:\n"
            + string.Concat(lines.Where(l => l[0] == '-').Select(l => $"  {l}\n")));
        return Pack.Read(_folder.FullName, Catalog);
    }

    /// <summary>A trace with a row on each of so many days, on the last of two services.</summary>
    private string Trace(int days)
    {
        string path = Path.Combine(_folder.FullName, $"t{days}.csv");
        File.WriteAllText(
            path, "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n" + string.Concat(
                Enumerable.Range(0, days).Select(d => $"{(86_400 * d) + 7},{(d == 0 ? "M" : "N")},3,4,7,L\n")));
        return path;
    }

    private sealed class TwoNumbers : IReproduction
    {
        public ReproducedFigure Run(ReproductionContext context) =>
            new([new Picture("empty", "t", [])], [], [new OurNumber("a", 10), new OurNumber("b", 20)]);
    }
}
