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

    /// <summary>Those that a set of data has, with what their rows tell.</summary>
    internal static IEnumerable<(string Name, ServiceDescription Description)> In(DataSet data) => All
        .Select(s => (s.Name, data.Service(s.Model, s.LogType)))
        .Where(s => s.Item2 is not null).Select(s => (s.Name, s.Item2!));
}
