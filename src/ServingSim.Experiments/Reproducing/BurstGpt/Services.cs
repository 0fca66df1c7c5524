using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>BurstGPT's services, in the order of its authors' figures.</summary>
internal static class Services
{
    internal const string ChatGpt = "ChatGPT";
    internal const string Gpt4 = "GPT-4";
    internal const string Conversation = "Conversation log";
    internal const string Api = "API log";

    internal static readonly (string Model, string LogType, string Name)[] All =
    [
        (ChatGpt, Conversation, "ChatGPT conversation"), (Gpt4, Conversation, "GPT-4 conversation"),
        (ChatGpt, Api, "ChatGPT API"), (Gpt4, Api, "GPT-4 API"),
    ];

    /// <summary>All, with what a set of data tells of them; null of what it has no rows of.</summary>
    internal static IEnumerable<(string Name, ServiceDescription? Description)> OrNone(DataSet data) =>
        All.Select(s => (s.Name, data.Service(s.Model, s.LogType)));

    /// <summary>All services of a log type together; null where a set of data has no rows of it.</summary>
    internal static ServiceDescription? OfLogType(DataSet data, string logType) =>
        data.Service(s => s.LogType == logType);

    /// <summary>Those that a set of data has, with what their rows tell.</summary>
    internal static IEnumerable<(string Name, ServiceDescription Description)> In(DataSet data) =>
        OrNone(data).Where(s => s.Description is not null).Select(s => (s.Name, s.Description!));

    /// <summary>The conversations that a set of data has.</summary>
    internal static IEnumerable<(string Name, ServiceDescription Description)> ConversationsIn(DataSet data) =>
        In(data).Where(s => s.Name.EndsWith("conversation", StringComparison.Ordinal));

    /// <summary>All rows, those of each log type and model, and those of each service.</summary>
    internal static IEnumerable<(string Name, Func<TraceService, bool> Selects)> Groups()
    {
        yield return ("all", _ => true);
        yield return ("conversation", s => s.LogType == Conversation);
        yield return ("API", s => s.LogType == Api);
        yield return (ChatGpt, s => s.Model == ChatGpt);
        yield return (Gpt4, s => s.Model == Gpt4);
        foreach ((string model, string logType, string name) in All)
        {
            yield return (name, s => s.Model == model && s.LogType == logType);
        }
    }
}
