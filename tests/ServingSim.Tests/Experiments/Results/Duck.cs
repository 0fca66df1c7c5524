using DuckDB.NET.Data;

namespace ServingSim.Tests.Experiments.Results;

/// <summary>Reads result files with DuckDB, which shares no code with what wrote them.</summary>
internal static class Duck
{
    /// <summary>A query's rows; null where SQL says so.</summary>
    internal static object?[][] Rows(string query)
    {
        using DuckDBConnection connection = new("Data Source=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = query;
        using DuckDBDataReader reader = command.ExecuteReader();
        List<object?[]> rows = [];
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader[i])]);
        }

        return [.. rows];
    }

    /// <summary>The columns of a file and their types, as in "step BIGINT".</summary>
    internal static string[] Columns(string path) => [.. Rows($"describe from '{path}'").Select(c => $"{c[0]} {c[1]}")];

    /// <summary>How many rows each row group of a Parquet file has.</summary>
    internal static long[] RowGroups(string path) =>
    [
        .. Rows(
            "select row_group_id, any_value(row_group_num_rows) "
            + $"from parquet_metadata('{path}') group by all order by all").Select(r => (long)r[1]!),
    ];

    /// <summary>The rows of a CSV file as texts; an empty field is null.</summary>
    internal static object?[][] CsvRows(string path) => Rows(
        $"from read_csv('{path}', header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"')");
}
