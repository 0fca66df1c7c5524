using ServingSim.Experiments;
using ServingSim.Experiments.Calibrating;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Calibrating;

/// <summary>What <c>configs/latency</c> has of a calibration is what the calibration gives, to the byte.</summary>
public sealed class CommittedFilesTests
{
    private static readonly string Calibrations = Path.Combine(SharedData.Root, "configs", "calibrations");

    /// <summary>All but the template for users' own measurements.</summary>
    private static readonly string[] Calibrated =
    [
        .. Directory.GetFiles(Calibrations, "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)!)
            .Where(name => name != "profiled-gpu").Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> Names => [.. Calibrated];

    [SharedDataTheory("measured/operators")]
    [MemberData(nameof(Names))]
    public void A_calibration_writes_its_file_again(string name)
    {
        string folder = Directory.CreateTempSubdirectory("servingsim-committed-").FullName;
        string file = Path.Combine(Calibrations, name + ".yaml");
        string written = Path.Combine(folder, name + ".yaml");

        Calibrator.Write(
            Calibrator.Fit(
                ScenarioFile.Read<Calibration>(file, [], Catalog.Default), file, SharedData.Find(".")!,
                Catalog.Default),
            written);

        string committed = Path.Combine(SharedData.Root, "configs", "latency", name + ".yaml");
        Assert.Equal(File.ReadAllText(committed), File.ReadAllText(written));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Every_file_that_says_it_was_fitted_has_a_calibration() => Assert.Empty(
        Directory.GetFiles(Path.Combine(SharedData.Root, "configs", "latency"), "*.yaml")
            .Where(file => File.ReadAllText(file).StartsWith("# Fitted by", StringComparison.Ordinal))
            .Select(file => Path.GetFileNameWithoutExtension(file)!)
            .Except(Calibrated));
}
