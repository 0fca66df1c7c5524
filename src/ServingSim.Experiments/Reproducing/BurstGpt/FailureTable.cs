using System.Globalization;
using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>Options of <see cref="FailureTable"/>.</summary>
/// <param name="Data">The sets of rows to tell of, those that are missing left out.</param>
public sealed record FailureTableOptions(IReadOnlyList<string> Data);

/// <summary>Failed rows, those without a response, by service.</summary>
internal sealed class FailureTable(FailureTableOptions options) : IReproduction
{
    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        List<string[]> rows = [];
        List<OurNumber> ours = [];
        foreach (string name in options.Data)
        {
            if (context.Data.Find(name) is not { } data)
            {
                continue;
            }

            foreach ((string service, ServiceDescription description) in
                Services.In(data).Prepend(("all", data.Description.Services[0])))
            {
                Composition c = description.Composition;
                ours.Add(new OurNumber($"{name}, {service}: failed", 100 * c.FailedShare));
                rows.Add(
                [
                    data.Section.Title, service, Whole(c.Rows), Whole(c.Failed),
                    (100 * c.FailedShare).ToString("0.00", CultureInfo.InvariantCulture),
                ]);
            }
        }

        return new ReproducedFigure(
            [],
            [new PackTable("failures", "Failed rows", ["data", "service", "rows", "failed", "failed (%)"], rows)],
            ours);
    }

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
