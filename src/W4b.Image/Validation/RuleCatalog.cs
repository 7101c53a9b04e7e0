using W4b.Image.Validation.Rules;

namespace W4b.Image.Validation;

/// <summary>All rules of this SDK, in the order in which they are asked; docs/validation.md is made from it.</summary>
internal static class RuleCatalog
{
    /// <summary>The rules.</summary>
    public static IReadOnlyList<ImageRule> All { get; } =
    [
        .. CardRules.All, .. BootRules.All, .. PlanRules.All, .. UnitRules.All, .. AccountRules.All, .. PermissionRules.All, .. NetworkRules.All,
        .. SoftwareRules.All, .. DeviceRules.All, .. LeftoverRules.All, .. SecretRules.All,
    ];
}
