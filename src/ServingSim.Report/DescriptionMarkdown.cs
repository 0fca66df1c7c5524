using System.Text;
using ServingSim.Experiments.Describing;

namespace ServingSim.Report;

/// <summary>A description as one Markdown page that shows the pictures beside it.</summary>
public static class DescriptionMarkdown
{
    private static readonly Dictionary<string, string[]> PicturesOf = new()
    {
        ["load"] =
        [
            "weeks.png", "weekdays.png", "hours_requests.png", "hours_request_tokens.png", "hours_response_tokens.png",
        ],
        ["gamma"] = ["gamma.png"],
        ["dispersion"] = ["dispersion.png"],
        ["conversations"] = ["conversations.png"],
        ["relation"] = ["relation.png"],
        ["fits"] = ["lengths.png"],
        ["failures"] = ["failures.png"],
    };

    /// <summary>The page.</summary>
    /// <param name="trace">What it tells of.</param>
    /// <param name="pictures">The pictures in the same folder, each with what it shows.</param>
    public static string Text(TraceDescription trace, IReadOnlyList<(string Name, string Title)> pictures)
    {
        StringBuilder page = new();
        page.Append($"# {Path.GetFileName(trace.File)}\n\n");
        page.Append("Written by `servingsim workload describe`; the numbers behind each table and picture are in the "
            + "CSV files of this folder.\n\n");
        Block(page, DescriptionTable.Head(trace));
        foreach ((string key, string title, string text) in DescriptionTable.Sections(trace))
        {
            page.Append($"\n## {title}\n\n");
            Block(page, text);
            foreach (string name in PicturesOf.GetValueOrDefault(key) ?? [])
            {
                foreach ((string _, string shown) in pictures.Where(p => p.Name == name))
                {
                    page.Append($"\n{shown}:\n\n![{shown}]({name})\n");
                }
            }
        }

        return page.ToString();
    }

    private static void Block(StringBuilder page, string text) => page.Append($"```text\n{text.Trim('\n')}\n```\n");
}
