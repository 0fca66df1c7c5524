using System.IO.Compression;
using Parquet;
using Parquet.Schema;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// Writes a table as Parquet, a row group at a time, so that memory does not grow with the rows. The same rows give the
/// same bytes.
/// </summary>
internal sealed class ParquetRows<TRow> : IRowWriter<TRow>
{
    private const int RowsPerGroup = 1 << 16;

    private static readonly ParquetOptions Options = new()
    {
        CompressionMethod = CompressionMethod.Zstd,

        // Levels above take many times as long and save little
        CompressionLevel = CompressionLevel.Fastest,
    };

    private readonly Stream _stream;
    private readonly IParquetColumn<TRow>[] _columns;
    private readonly ParquetWriter _writer;
    private int _held;
    private bool _isClosed;

    /// <summary>Starts a file; owns the stream.</summary>
    internal ParquetRows(Stream stream, Table<TRow> table)
    {
        _stream = stream;
        _columns = [.. table.Columns.Select(c => c.ToParquet())];
        ParquetSchema schema = new(_columns.Select(c => c.Field));
        Task<ParquetWriter> writer = ParquetWriter.CreateAsync(schema, stream, Options);
        CheckCompleted(writer);
        _writer = writer.Result;
    }

    /// <inheritdoc/>
    public void Write(in TRow row)
    {
        bool isFull = ++_held == RowsPerGroup;
        foreach (IParquetColumn<TRow> column in _columns)
        {
            isFull |= column.Add(row);
        }

        if (isFull)
        {
            WriteGroup();
        }
    }

    /// <summary>Writes what is held, and the directory that ends the file.</summary>
    public void Dispose()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        using (_stream)
        {
            if (_held > 0)
            {
                WriteGroup();
            }

            CheckCompleted(_writer.DisposeAsync().AsTask());
        }
    }

    private void WriteGroup()
    {
        _held = 0;
        using ParquetRowGroupWriter group = _writer.CreateRowGroup();
        foreach (IParquetColumn<TRow> column in _columns)
        {
            CheckCompleted(column.WriteTo(group));
            column.Clear();
        }

        group.CompleteValidate();
    }

    /// <summary>The writer waits for nothing but the stream, which does not make it wait.</summary>
    private static void CheckCompleted(Task task)
    {
        Check.That(task.IsCompleted, "a result file was written by another thread");
        task.GetAwaiter().GetResult();
    }
}
