using W4b.Image.Provisioning.FirstBoot;

namespace W4b.Image.Provisioning;

/// <summary>A hive's configuration as a plan: each part a class of its own, in the order of writing. The tunnel has <see cref="WireGuardPlan"/>.</summary>
public static class HivePlan
{
    /// <summary>The plan for <paramref name="inputs"/>. It holds secrets.</summary>
    public static FilePlan Create(PlanInputs inputs) => FilePlan.Of(
        IdentityPlan.Create(inputs.Hive),
        SystemPlan.Create(inputs),
        FirstBootPlan.Create(inputs),
        NetworkPlan.Create(inputs),
        AccountsPlan.Create(inputs),
        SshPlan.Create(inputs),
        FirewallPlan.Create(inputs),
        MonitoringPlan.Create(inputs.Hive.Monitoring),
        MetricsHistoryPlan.Create(inputs.Hive.Maintenance.MetricsRetention),
        UpdatesPlan.Create(inputs.Hive.Maintenance.Updates),
        EncryptionPlan.Create(inputs.Hive),
        DatabasePlan.Create(inputs),
        SensorManagerPlan.Create(inputs),
        StatusPlan.Create(inputs.Hive),
        ProjectPlan.Create(inputs));
}
