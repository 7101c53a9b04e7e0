using Scriban;
using Scriban.Runtime;

namespace W4b.Image.Provisioning;

/// <summary>The texts of planned files: Scriban templates in <c>Templates/</c>, embedded into this assembly.</summary>
internal static class Template
{
    /// <summary>The text of the template <paramref name="name"/> with <paramref name="model"/>'s members, in snake_case.</summary>
    public static string Render(string name, object model)
    {
        var text = Read(name);
        var template = Scriban.Template.Parse(text, name);
        if (template.HasErrors)
            throw new InvalidOperationException($"Template {name}: {template.Messages}");
        var values = new ScriptObject();
        values.Import(model);
        // A misspelt member is a mistake of ours, not an empty text on a device.
        var context = new TemplateContext { StrictVariables = true, LoopLimit = 0 }; // 0: no limit; an image may have more packages than a guess of one
        context.PushGlobal(values);
        return template.Render(context);
    }

    /// <summary>
    /// The text of the unit <paramref name="name"/>, in which <c>{{ hardening }}</c> is the template of that name: what every service of
    /// ours gives up, unless a line after it takes it back.
    /// </summary>
    public static string Unit(string name) => Unit(name, new { });

    /// <summary>The same with the members of <paramref name="model"/>.</summary>
    public static string Unit(string name, object model)
    {
        var values = new ScriptObject { ["hardening"] = Read("hardening").TrimEnd() };
        values.Import(model);
        return Render(name, values);
    }

    /// <summary>The text of <paramref name="name"/> as it stands.</summary>
    public static string Read(string name)
    {
        using var stream = typeof(Template).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"There is no template {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
