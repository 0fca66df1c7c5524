using System.Globalization;
using ScottPlot;
using ScottPlot.Colormaps;
using ScottPlot.TickGenerators;
using ServingSim.Experiments.Describing;

namespace ServingSim.Report;

/// <summary>Heat maps of a trace's requests: by week and day of the week, and by day of the week and hour.</summary>
internal sealed class LoadHeatMaps(TraceDescription trace)
{
    private const int Width = 1000;
    private const int Frame = 96;
    private const int LeastHeight = 140;

    private static readonly PixelPadding Padding = new(110, 140, 46, 44);

    /// <summary>Requests a day: a row a week, the first at the top.</summary>
    public Panels Weeks() => new(Width, [.. trace.Alone.Select(service =>
    {
        HourlyLoad load = service.Load;
        (int Day, int Column, int Week, double Requests)[] days = [.. DaysOf(load)];
        int weeks = days[^1].Week + 1;
        var cells = Empty(weeks, HourlyLoad.DaysPerWeek);
        foreach ((int _, int column, int week, double requests) in days)
        {
            cells[week, column] = requests;
        }

        Plot plot = Map(DescriptionTable.Short(service), cells, "requests a day", hasNumbers: true);
        Tick[] rows =
        [
            .. days.GroupBy(d => d.Week).Where(w => weeks <= 10 || w.Key % 4 == 0)
                .Select(w => new Tick(weeks - 1 - w.Key, $"day {w.First().Day}")),
        ];
        Label(plot, load, "", rows);
        return (plot, Math.Max(LeastHeight, Frame + (Math.Min(weeks, 40) * (weeks > 12 ? 16 : 26))));
    })]);

    /// <summary>Mean requests an hour: a row a day of the week.</summary>
    public Panels Weekdays() => new(Width, [.. trace.Alone.Select(service =>
    {
        var cells = Empty(HourlyLoad.DaysPerWeek, HourlyLoad.HoursPerDay);
        for (var weekday = 0; weekday < HourlyLoad.DaysPerWeek; weekday++)
        {
            for (var hour = 0; hour < HourlyLoad.HoursPerDay; hour++)
            {
                cells[weekday, hour] = service.Load.Mean(weekday, hour, h => h.Requests) ?? double.NaN;
            }
        }

        Plot plot = Map(DescriptionTable.Short(service), cells, "requests an hour (mean)", hasNumbers: false);
        plot.Axes.Bottom.TickGenerator = new NumericFixedInterval(3);
        plot.Axes.Bottom.Label.Text = "hour of the day";
        plot.Axes.Left.TickGenerator = new NumericManual(
        [
            .. Enumerable.Range(0, HourlyLoad.DaysPerWeek)
                .Select(d => new Tick(HourlyLoad.DaysPerWeek - 1 - d, service.Load.NameOf(d))),
        ]);
        return (plot, Frame + (HourlyLoad.DaysPerWeek * 24));
    })]);

    private static IEnumerable<(int Day, int Column, int Week, double Requests)> DaysOf(HourlyLoad load)
    {
        int before = load.WeekdayOf(load.FirstDayIndex);
        return load.Days().Select(d => (
            d.Day, load.WeekdayOf(d.Day), (d.Day - load.FirstDayIndex + before) / HourlyLoad.DaysPerWeek,
            (double)d.Load.Requests));
    }

    private static void Label(Plot plot, HourlyLoad load, string x, Tick[] rows)
    {
        plot.Axes.Bottom.TickGenerator = new NumericManual(
            [.. Enumerable.Range(0, HourlyLoad.DaysPerWeek).Select(d => new Tick(d, load.NameOf(d)))]);
        plot.Axes.Bottom.Label.Text = x;
        plot.Axes.Left.TickGenerator = new NumericManual(rows);
    }

    private static double[,] Empty(int rows, int columns)
    {
        var cells = new double[rows, columns];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                cells[row, column] = double.NaN;
            }
        }

        return cells;
    }

    private static Plot Map(string title, double[,] cells, string unit, bool hasNumbers)
    {
        var plot = new Plot();
        (int rows, int columns) = (cells.GetLength(0), cells.GetLength(1));
        double most = cells.Cast<double>().Where(double.IsFinite).DefaultIfEmpty(0).Max();
        most = most > 0 ? most : 1;
        var map = plot.Add.Heatmap(cells);
        map.Colormap = new Viridis();
        map.ManualRange = new ScottPlot.Range(0, most);
        map.NaNCellColor = Colors.LightGray;
        for (var row = 0; hasNumbers && rows <= 12 && row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                if (double.IsFinite(cells[row, column]))
                {
                    var text = plot.Add.Text($"{cells[row, column]:N0}", column, rows - 1 - row);
                    text.LabelAlignment = Alignment.MiddleCenter;
                    text.LabelFontSize = 12;
                    text.LabelFontColor = cells[row, column] / most <= 0.6 ? Colors.White : Colors.Black;
                }
            }
        }

        var bar = plot.Add.ColorBar(map);
        bar.Label = unit;
        bar.LabelStyle.FontSize = 12;
        bar.Axis.TickGenerator = new NumericAutomatic
        {
            LabelFormatter = v => v.ToString("#,0.####", CultureInfo.InvariantCulture),
        };
        plot.Axes.SetLimits(-0.5, columns - 0.5, -0.5, rows - 0.5);
        plot.HideGrid();
        plot.Axes.Title.Label.Text = title;
        plot.Axes.Title.Label.Bold = false;
        plot.Axes.Title.Label.FontSize = 15;
        SweepPicture.Title(plot.Axes.Bottom.Label, "");
        plot.Layout.Fixed(Padding);
        return plot;
    }
}
