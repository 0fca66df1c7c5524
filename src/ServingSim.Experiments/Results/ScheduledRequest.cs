namespace ServingSim.Experiments.Results;

/// <summary>How many tokens of one request a step computes; written <c>id:tokens</c>.</summary>
/// <param name="ClientId">The request, as in <c>requests.csv</c>.</param>
/// <param name="Tokens">Tokens of it in this step.</param>
public readonly record struct ScheduledRequest(long ClientId, int Tokens);
