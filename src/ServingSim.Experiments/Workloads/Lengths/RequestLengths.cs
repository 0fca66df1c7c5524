namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>How long one request is.</summary>
/// <param name="PromptTokens">Tokens of the prompt, at least 1.</param>
/// <param name="OutputTokens">Tokens of the output, at least 1.</param>
public readonly record struct RequestLengths(int PromptTokens, int OutputTokens);
