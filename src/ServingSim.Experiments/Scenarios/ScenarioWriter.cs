using System.Collections;
using System.Reflection;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ServingSim.Experiments.Scenarios;

/// <summary>Writes a scenario as it was understood, every default filled in; it reads back as the same.</summary>
public static class ScenarioWriter
{
    private static readonly string[] YamlWords = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

    private static readonly MethodInfo PairsOf =
        typeof(ScenarioWriter).GetMethod(nameof(Pairs), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>The YAML of a record that <see cref="ScenarioFile"/> can read.</summary>
    /// <param name="record">The record.</param>
    /// <param name="folder">The folder, absolute, that the text will stand in; paths are relative to it.</param>
    public static string Write(object record, string folder) => Write(record, file => file switch
    {
        FilePath path => Paths.RelativeTo(folder, path.FullPath),
        INamedFile { File: { } path } => Paths.RelativeTo(folder, path.FullPath),
        var named => ((INamedFile)named).Name,
    });

    /// <summary>As above, with what <paramref name="files"/> gives for paths and named files.</summary>
    internal static string Write(object record, Func<object, object> files)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, EmitterSettings.Default.WithBestWidth(int.MaxValue).WithNewLine("\n"));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        EmitMapping(emitter, EntriesOf(record), files);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, object? value, Func<object, object> files)
    {
        switch (value)
        {
            case string text:
                EmitText(emitter, text);
                break;
            case FilePath or INamedFile:
                Emit(emitter, files(value), files);
                break;
            case LatencyChoice latency:
                Emit(emitter, (object?)latency.File ?? latency.Part, files);
                break;
            case IPartChoice choice:
                var name = KeyValuePair.Create(ConfigNode.PartNameKey, (object?)choice.Name);
                EmitMapping(emitter, choice.Options is null ? [name] : EntriesOf(choice.Options).Prepend(name), files);
                break;
            case IEnumerable items:
                EmitCollection(emitter, items, files);
                break;
            default:
                if (ScalarText.Format(value) is { } scalar)
                {
                    emitter.Emit(new Scalar(scalar));
                    break;
                }

                EmitMapping(emitter, EntriesOf(value!), files);
                break;
        }
    }

    private static void EmitCollection(Emitter emitter, IEnumerable items, Func<object, object> files)
    {
        Type? map = Array.Find(
            items.GetType().GetInterfaces(), i => TypeText.Item(i, typeof(IReadOnlyDictionary<,>)) is not null);
        if (map is not null)
        {
            object pairs = PairsOf.MakeGenericMethod(map.GenericTypeArguments[^1]).Invoke(null, [items])!;
            EmitMapping(emitter, (IEnumerable<KeyValuePair<string, object?>>)pairs, files);
            return;
        }

        object?[] all = [.. items.Cast<object?>()];
        SequenceStyle style = all.Length == 0 ? SequenceStyle.Flow : SequenceStyle.Block;
        emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, style));
        foreach (object? item in all)
        {
            Emit(emitter, item, files);
        }

        emitter.Emit(new SequenceEnd());
    }

    private static void EmitMapping(
        Emitter emitter, IEnumerable<KeyValuePair<string, object?>> entries, Func<object, object> files)
    {
        KeyValuePair<string, object?>[] all = [.. entries];
        MappingStyle style = all.Length == 0 ? MappingStyle.Flow : MappingStyle.Block;
        emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, style));
        foreach ((string key, object? value) in all)
        {
            EmitText(emitter, key);
            Emit(emitter, value, files);
        }

        emitter.Emit(new MappingEnd());
    }

    /// <summary>Text, in quotes wherever another reader of YAML could take it for something else.</summary>
    private static void EmitText(Emitter emitter, string text)
    {
        bool isPath = text.StartsWith("../", StringComparison.Ordinal);
        bool isPlain = text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] == '/' || isPath)
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
            && !Array.Exists(YamlWords, w => w.Equals(text, StringComparison.OrdinalIgnoreCase));
        ScalarStyle style = isPlain ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted;
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, true, true));
    }

    private static IEnumerable<KeyValuePair<string, object?>> EntriesOf(object record) =>
        RecordSchema.Of(record.GetType()).Options.Select(o => KeyValuePair.Create(o.Name, o.Property.GetValue(record)));

    private static IEnumerable<KeyValuePair<string, object?>> Pairs<T>(IReadOnlyDictionary<string, T> map) =>
        map.Select(p => KeyValuePair.Create(p.Key, (object?)p.Value));
}
