namespace ServingSim.Engine.Specs;

/// <summary>A matrix of weights as one GPU holds it.</summary>
/// <param name="Inputs">Elements of the vector that it multiplies.</param>
/// <param name="Outputs">Elements of the product.</param>
public readonly record struct Matrix(long Inputs, long Outputs)
{
    /// <summary>How many weights it has.</summary>
    public long Weights => Inputs * Outputs;
}
