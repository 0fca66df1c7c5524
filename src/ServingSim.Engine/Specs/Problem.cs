using ServingSim.Kernel;

namespace ServingSim.Engine.Specs;

/// <summary>Complaints about a user's numbers, each null where the number is fine.</summary>
internal static class Problem
{
    internal static string? UnlessPositive(string key, double value) =>
        double.IsFinite(value) && value > 0 ? null : $"{key} must be positive, not {value}";

    internal static string? UnlessNotNegative(string key, double value) =>
        double.IsFinite(value) && value >= 0 ? null : $"{key} must not be negative, but is {value}";

    internal static string? UnlessFraction(string key, double value) =>
        value is > 0 and <= 1 ? null : $"{key} must be above 0 and at most 1, not {value}";

    internal static string? Unless(bool condition, string complaint) => condition ? null : complaint;

    internal static IEnumerable<string> List(params string?[] complaints) => complaints.OfType<string>();

    /// <summary>For constructors: what reaches them has been checked where the user's file was read.</summary>
    internal static void CheckNone(IEnumerable<string> problems)
    {
        string text = string.Join("; ", problems);
        Check.That(text.Length == 0, $"unchecked options: {text}");
    }
}
