using System.Reflection;
using System.Text;
using ServingSim.Engine.Specs;
using Xunit;

namespace ServingSim.Tests.Engine.Specs;

/// <summary>Reads the flat files of configs/models and configs/gpus, with one level of nesting.</summary>
internal static class ConfigFile
{
    internal static readonly string Folder = FindFolder();

    internal static ModelSpec Model(string name) => Read<ModelSpec>($"models/{name}.yaml");

    internal static GpuSpec Gpu(string name) => Read<GpuSpec>($"gpus/{name}.yaml");

    internal static T Read<T>(string path) =>
        (T)Bind(typeof(T), [.. File.ReadLines(Path.Combine(Folder, path))
            .Select(line => line.Split('#')[0].TrimEnd())
            .Where(line => line.Length > 0)]);

    private static object Bind(Type type, List<string> lines)
    {
        ConstructorInfo constructor = type.GetConstructors().Single(c => c.GetParameters().Length > 1);
        Dictionary<string, string> values = [];
        Dictionary<string, List<string>> nested = [];
        string key = "";
        foreach (string line in lines)
        {
            if (line.StartsWith("  ", StringComparison.Ordinal))
            {
                nested[key].Add(line[2..]);
                continue;
            }

            key = line[..line.IndexOf(':', StringComparison.Ordinal)];
            values.Add(key, line[(key.Length + 1)..].Trim());
            nested.Add(key, []);
        }

        object?[] arguments = [.. constructor.GetParameters().Select(parameter =>
        {
            string name = SnakeCase(parameter.Name!);
            Type wanted = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
            if (!values.Remove(name, out string? text))
            {
                return parameter.HasDefaultValue ? parameter.DefaultValue : throw new KeyNotFoundException(name);
            }

            return text.Length == 0
                ? Bind(wanted, nested[name])
                : wanted.IsEnum ? Enum.Parse(wanted, text.Replace("-", ""), ignoreCase: true)
                : Convert.ChangeType(text, wanted);
        })];
        Assert.Empty(values);
        return constructor.Invoke(arguments);
    }

    private static string SnakeCase(string pascal)
    {
        StringBuilder snake = new();
        foreach (char letter in pascal)
        {
            snake.Append(char.IsUpper(letter) && snake.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(letter));
        }

        return snake.ToString();
    }

    private static string FindFolder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ServingSim.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "configs");
    }
}
