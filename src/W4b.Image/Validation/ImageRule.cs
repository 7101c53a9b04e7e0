using W4b.Image.Diagnostics;

namespace W4b.Image.Validation;

/// <summary>What a broken rule means.</summary>
public enum RuleSeverity
{
    /// <summary>The rule is not asked.</summary>
    None,
    /// <summary>It is told, and the image is released.</summary>
    Warning,
    /// <summary>The image is not released.</summary>
    Error,
}

/// <summary>How much of an image a rule reads: the quick form of a verification asks only those that read little.</summary>
public enum RuleReach
{
    /// <summary>Some files.</summary>
    Files,
    /// <summary>All names, or more.</summary>
    Everything,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Message">What it is: a whole sentence, never with a secret.</param>
/// <param name="Path">The path in the image that it is about; null when it is about none, or many.</param>
public sealed record RuleFinding(string Message, string? Path = null);

/// <summary>What a rule says of an image: kept (no findings), broken, or that it does not apply.</summary>
/// <param name="Findings">What is wrong.</param>
/// <param name="NotApplicable">Why the rule says nothing of this image; null when it does.</param>
public sealed record RuleOutcome(IReadOnlyList<RuleFinding> Findings, string? NotApplicable = null)
{
    /// <summary>The outcome of these findings: none is a rule that is kept.</summary>
    public static RuleOutcome Of(IEnumerable<RuleFinding> findings) => new([.. findings]);

    /// <summary>The rule has nothing to say here.</summary>
    public static RuleOutcome DoesNotApply(string why) => new([], why);
}

/// <summary>What a rule is.</summary>
/// <param name="Id">Its id, as <c>W4BR016</c>: the code of its warnings and errors.</param>
/// <param name="Name">Its name, as <c>world-writable</c>: for people, and instead of the id in <c>validation.rules</c>.</param>
/// <param name="Severity">What a broken rule means unless the configuration says otherwise.</param>
/// <param name="Title">What is so when it is kept.</param>
/// <param name="Why">One sentence: what goes wrong otherwise.</param>
/// <param name="Fix">One sentence: what to do.</param>
/// <param name="Reach">How much of an image it reads.</param>
public sealed record RuleInfo(string Id, string Name, RuleSeverity Severity, string Title, string Why, string Fix, RuleReach Reach = RuleReach.Files)
{
    /// <summary>Its findings' kind.</summary>
    internal DiagnosticCode Code => new(Id, Title, Fix);
}

/// <summary>A rule of one's own in a .NET assembly: a public class with a parameterless constructor. See docs/validation.md.</summary>
public interface IImageRule
{
    /// <summary>What it is.</summary>
    RuleInfo Info { get; }

    /// <summary>Looks at an image.</summary>
    RuleOutcome Check(RuleSubject subject);
}

/// <summary>A rule and how it is asked.</summary>
internal sealed record ImageRule(RuleInfo Info, Func<RuleSubject, CancellationToken, Task<RuleOutcome>> CheckAsync)
{
    /// <summary>A rule that runs no program.</summary>
    public ImageRule(RuleInfo info, Func<RuleSubject, RuleOutcome> check)
        : this(info, (subject, _) => Task.FromResult(check(subject)))
    {
    }

    /// <summary>The same, by its findings.</summary>
    public ImageRule(RuleInfo info, Func<RuleSubject, IEnumerable<RuleFinding>> check)
        : this(info, (subject, _) => Task.FromResult(RuleOutcome.Of(check(subject))))
    {
    }
}
