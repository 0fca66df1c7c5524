namespace ServingSim.Engine.Scheduling;

/// <summary>By which length a queue orders requests. None changes while a request lives.</summary>
public enum LengthMeasure
{
    /// <summary>The prompt's length.</summary>
    PromptTokens,

    /// <summary>The predicted length of the output.</summary>
    PredictedOutputTokens,

    /// <summary>The prompt's length and the predicted length of the output.</summary>
    PredictedTotalTokens,
}
