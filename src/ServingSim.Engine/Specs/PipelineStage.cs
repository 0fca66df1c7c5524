namespace ServingSim.Engine.Specs;

/// <summary>What one GPU of a pipeline stage holds.</summary>
/// <param name="Layers">Layers of the model.</param>
/// <param name="WeightBytes">Bytes of weights.</param>
public readonly record struct PipelineStage(int Layers, long WeightBytes);
