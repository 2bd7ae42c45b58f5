package meshwork.api.engine;

import java.util.function.DoubleConsumer;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A way to run models. An engine is a service; what it can do stands in its service properties, so that it can be chosen
 * before it is asked: {@link #NAME}, {@link #VERSION}, {@link #BACKEND}, {@link #FORMATS} and the framework's own
 * {@code service.ranking}. Whoever uses one holds it as a lease, since it may go at any time; an engine that goes closes
 * every model that it opened.
 */
@ConsumerType
public interface Engine {

	/** Service property: the engine's short name, unique among those that run at once, such as {@code cpu}. */
	String NAME = "engine.name";

	/** Service property: the release of what computes, such as {@code v0.5.0} of llama.cpp. */
	String VERSION = "engine.version";

	/** Service property: where it computes: {@code cpu}, {@code cuda}, {@code metal}, {@code vulkan}, {@code java}. */
	String BACKEND = "engine.backend";

	/** Service property: the file formats that it loads, such as {@code gguf}. */
	String FORMATS = "engine.formats";

	/** What this engine says of itself, the same that its service properties say. */
	EngineDescription description();

	/**
	 * Loads a model. Blocks until it is ready to open sessions; an interrupt ends the loading.
	 *
	 * @param file a file that has been checked
	 * @param options what the loader may choose
	 * @param progress told the share that is loaded, 0…1, from the loading thread
	 * @throws ModelNotLoaded when this engine can't load the file, with the reason
	 */
	Model load(ModelFile file, LoadOptions options, DoubleConsumer progress);
}
