package meshwork.api.engine;

/**
 * What an engine is.
 *
 * @param name its short name, such as {@code cpu}
 * @param version the release of what computes, such as {@code v0.5.0}
 * @param backend where it computes, such as {@code cpu} or {@code cuda}
 * @param detail what computes there, for a person to read, such as the processor features in use; empty when there is nothing to say
 */
public record EngineDescription(String name, String version, String backend, String detail) {
}
