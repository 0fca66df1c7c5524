namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>One request of a trace, or one that a model made, as a demonstration replays it.</summary>
/// <param name="AtS">When it arrives, in seconds.</param>
/// <param name="PromptTokens">The prompt's length; 0 of one that failed without telling it.</param>
/// <param name="OutputTokens">The output's length; 0 of one that failed.</param>
/// <param name="Service">What the scenario's label <c>service</c> says of it; empty for none.</param>
public readonly record struct RequestRow(double AtS, int PromptTokens, int OutputTokens, string Service = "");
