using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ServingSim.Cluster;
using ServingSim.Engine;
using Xunit;

namespace ServingSim.Tests.Architecture;

/// <summary>Which way dependencies point, and what an upper layer cannot see.</summary>
public sealed class LayerTests
{
    [Theory]
    [InlineData("Kernel")]
    [InlineData("Engine", "Kernel")]
    [InlineData("Cluster", "Engine", "Kernel")]
    [InlineData("Experiments", "Cluster", "Engine", "Kernel")]
    [InlineData("Report", "Experiments")]
    [InlineData("Cli", "Experiments", "Report")]
    public void A_project_references_these_and_no_other(string project, params string[] expected) => Assert.Equal(
        expected.Select(e => $"../ServingSim.{e}/ServingSim.{e}.csproj"),
        Included(project, "ProjectReference").Order(StringComparer.Ordinal));

    [Fact]
    public void There_are_six_projects() => Assert.Equal(
        ["Cli", "Cluster", "Engine", "Experiments", "Kernel", "Report"],
        SourceTree.Files(".csproj").Where(f => f.StartsWith("src/", StringComparison.Ordinal))
            .Select(f => Path.GetFileNameWithoutExtension(f).Split('.')[1]));

    [Theory]
    [InlineData("Kernel")]
    [InlineData("Engine")]
    [InlineData("Cluster")]
    public void The_simulator_itself_needs_no_package(string project) =>
        Assert.Empty(Included(project, "PackageReference"));

    [Fact]
    public void Only_the_tests_see_inside_the_engine() => Assert.Equal(
        ["ServingSim.Tests"],
        typeof(Request).Assembly.GetCustomAttributes<InternalsVisibleToAttribute>().Select(a => a.AssemblyName));

    [Fact]
    public void Nothing_public_of_an_output_length_tells_it()
    {
        const BindingFlags Instance = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        Assert.Empty(typeof(OutputLength).GetMembers(Instance));
        Assert.Null(typeof(Request).GetProperty(nameof(Request.OutputLimit)));
    }

    [Theory]
    [InlineData("request.PromptTokens")]
    [InlineData("request.PredictedOutputTokens ?? 0")]
    [InlineData("request.Output.Tokens", "CS0122")]
    [InlineData("attempt.OutputLimit", "CS0122")]
    [InlineData("attempt.FinishStep", "CS0122")]
    public void A_router_that_reads_an_output_length_does_not_compile(string read, params string[] errors) =>
        Assert.Equal(errors, ErrorsOf($$"""
            using ServingSim.Cluster;
            using ServingSim.Engine;

            public static class Cheat
            {
                public static long Read(ClientRequest request, Request attempt) => {{read}};
            }
            """));

    private static IEnumerable<string> Included(string project, string item) =>
        XDocument.Load(Path.Combine(SharedData.Root, "src", $"ServingSim.{project}", $"ServingSim.{project}.csproj"))
            .Descendants(item).Select(e => e.Attribute("Include")!.Value);

    private static IEnumerable<string> ErrorsOf(string code)
    {
        string platform = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string[] references =
        [
            Path.Combine(platform, "System.Runtime.dll"), typeof(object).Assembly.Location,
            typeof(ClientRequest).Assembly.Location, typeof(Request).Assembly.Location,
        ];
        return CSharpCompilation.Create(
                "Router",
                [CSharpSyntaxTree.ParseText(code)],
                references.Select(r => MetadataReference.CreateFromFile(r)),
                new CSharpCompilationOptions(
                    OutputKind.DynamicallyLinkedLibrary, metadataImportOptions: MetadataImportOptions.Internal))
            .GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.Id);
    }
}
