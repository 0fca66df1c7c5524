using System.Globalization;
using System.Text.RegularExpressions;

namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// How a quantization names modules: by a name, which means all within it, by a name with wildcards, or by a regular
/// expression after <c>re:</c> (compressed-tensors). What comes before "layers" differs between files of one model
/// and is not compared.
/// </summary>
internal sealed partial class HuggingFacePattern
{
    /// <summary>What may stand before "layers": the text model alone, or within a multimodal one.</summary>
    private static readonly string[] Prefixes = ["model.", "language_model.model.", "model.language_model.", ""];

    private readonly string _text;
    private readonly Regex? _regex;
    private readonly string? _name;
    private readonly bool _isElsewhere;

    private HuggingFacePattern(string text)
    {
        _text = text;
        _isElsewhere = Elsewhere().IsMatch(text);
        if (text.StartsWith("re:", StringComparison.Ordinal))
        {
            _regex = new Regex($"^(?:{text[3..]})", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return;
        }

        int layers = text.IndexOf("layers.", StringComparison.Ordinal);
        _name = layers < 0 ? text : text[layers..];
        if (_name.AsSpan().ContainsAny('*', '?'))
        {
            string body = Regex.Escape(_name).Replace(@"\*", ".*").Replace(@"\?", ".");
            _regex = new Regex($@"^(?:.*\.)?{body}(?:\..*)?$", RegexOptions.NonBacktracking);
        }
    }

    /// <summary>The pattern of a text; null where it is a regular expression that cannot be read.</summary>
    internal static HuggingFacePattern? Of(string text)
    {
        try
        {
            return new HuggingFacePattern(text);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether this, which matches none of the model's modules, names what is in bf16 in any case (embeddings, LM head,
    /// routers, norms) or is not modelled (towers of other media; layers beyond the last).
    /// </summary>
    internal bool IsOutside(int layers) => _isElsewhere
        || (Layer().Match(_text) is { Success: true } layer
            && int.Parse(layer.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) >= layers);

    /// <summary>Whether a module, named from "layers" on, is meant.</summary>
    internal bool Matches(string module) => _name is null
        ? Array.Exists(Prefixes, prefix => _regex!.IsMatch(prefix + module))
        : !_isElsewhere
            && (_regex?.IsMatch(module) ?? $".{module}.".Contains($".{_name}.", StringComparison.Ordinal));

    [GeneratedRegex(
        "lm_head|embed|vision|visual|audio|image|projector|mtp|norm|router|bias|(^|[._*])gate(?![a-z_|)])",
        RegexOptions.CultureInvariant)]
    private static partial Regex Elsewhere();

    [GeneratedRegex(@"layers\\?\.(\d{1,6})(?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex Layer();
}
