namespace W4b.Image.Diagnostics;

/// <summary>Turns what the file system throws into a coded failure that names the file.</summary>
public static class IoFailure
{
    // errno(3); on Linux .NET keeps the number in IOException.HResult.
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    /// <summary>Whether <paramref name="exception"/> comes from the file system: an <see cref="IOException"/> or a refused access.</summary>
    public static bool IsFrom(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Whether <paramref name="exception"/> says that the disk, or the user's quota on it, is full.</summary>
    public static bool IsDiskFull(Exception exception) => exception is IOException { HResult: NoSpace or QuotaExceeded };

    /// <summary>
    /// The coded failure for <paramref name="exception"/>: <see cref="DiagnosticCode.NoSpace"/> for a full disk or quota,
    /// <see cref="DiagnosticCode.FileAccess"/> for everything else; a <see cref="W4bException"/> stays as it is.
    /// </summary>
    /// <example><c>catch (Exception e) when (IoFailure.IsFrom(e)) { throw IoFailure.Translate(e, path); }</c></example>
    /// <param name="exception">What was thrown.</param>
    /// <param name="path">The file or folder worked on, for the message.</param>
    public static W4bException Translate(Exception exception, string path) => exception switch
    {
        W4bException coded => coded,
        _ when IsDiskFull(exception) => DiagnosticCode.NoSpace.Error($"The disk is full: {path} cannot be written.", inner: exception),
        UnauthorizedAccessException => DiagnosticCode.FileAccess.Error(
            $"Access to {path} is refused to the user {Environment.UserName}.", inner: exception),
        _ => DiagnosticCode.FileAccess.Error($"{path}: {exception.Message}", inner: exception),
    };
}
