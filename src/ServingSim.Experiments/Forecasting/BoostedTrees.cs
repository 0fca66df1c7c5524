using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace ServingSim.Experiments.Forecasting;

/// <summary>
/// Gradient boosted regression trees, by Microsoft.ML's FastTree (MART). It runs on one thread: the same examples give
/// the same trees.
/// </summary>
internal sealed class BoostedTrees
{
    private const int Trees = 100;
    private const int Leaves = 20;
    private const int FewestOfLeaf = 20;
    private const double LearningRate = 0.1;

    private readonly MLContext _context = new(seed: 1);
    private readonly SchemaDefinition _schema;
    private readonly RegressionPredictionTransformer<FastTreeRegressionModelParameters> _model;

    private BoostedTrees(IReadOnlyList<float[]> features, IReadOnlyList<double> targets)
    {
        _schema = SchemaDefinition.Create(typeof(Example));
        _schema[nameof(Example.Features)].ColumnType =
            new VectorDataViewType(NumberDataViewType.Single, features[0].Length);
        FastTreeRegressionTrainer trainer = _context.Regression.Trainers.FastTree(new FastTreeRegressionTrainer.Options
        {
            FeatureColumnName = nameof(Example.Features),
            LabelColumnName = nameof(Example.Label),
            NumberOfTrees = Trees,
            NumberOfLeaves = Leaves,
            MinimumExampleCountPerLeaf = FewestOfLeaf,
            LearningRate = LearningRate,
            NumberOfThreads = 1,
        });
        _model = trainer.Fit(
            View([.. features.Zip(targets, (f, t) => new Example { Features = f, Label = (float)t })]));
    }

    /// <summary>Trees that were trained on examples.</summary>
    internal static BoostedTrees Train(IReadOnlyList<float[]> features, IReadOnlyList<double> targets) =>
        new(features, targets);

    /// <summary>What the trees say of other examples, in order.</summary>
    internal IReadOnlyList<double> Predict(IReadOnlyList<float[]> features) =>
    [
        .. _context.Data.CreateEnumerable<Answer>(
            _model.Transform(View([.. features.Select(f => new Example { Features = f })])), reuseRowObject: false)
            .Select(a => (double)a.Score),
    ];

    private IDataView View(IReadOnlyList<Example> examples) => _context.Data.LoadFromEnumerable(examples, _schema);

    /// <summary>What is known, and what came of it.</summary>
    private sealed class Example
    {
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    /// <summary>The forecast, under the name that the library gives it.</summary>
    private sealed class Answer
    {
        public float Score { get; set; }
    }
}
