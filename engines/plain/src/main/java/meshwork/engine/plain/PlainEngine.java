package meshwork.engine.plain;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleConsumer;

import meshwork.api.engine.Engine;
import meshwork.api.engine.EngineDescription;
import meshwork.api.engine.LoadOptions;
import meshwork.api.engine.Model;
import meshwork.api.engine.ModelFile;
import meshwork.api.engine.ModelNotLoaded;
import meshwork.api.engine.Vocabulary;

/**
 * A complete engine around one method, {@link #read}: batches of many sequences, token trees, KV memory with copies, saving and
 * restoring, samplers. A component that extends it is immediate, and calls {@link #close()} when it is deactivated.
 */
public abstract class PlainEngine implements Engine, AutoCloseable {

	private final EngineDescription description;
	private final Vocabulary vocabulary;
	private final Set<PlainModel> models = ConcurrentHashMap.newKeySet();
	private volatile boolean closed;

	/**
	 * @param name the same as the service property {@link Engine#NAME}
	 * @param version the same as {@link Engine#VERSION}
	 * @param vocabulary what all its models speak
	 */
	protected PlainEngine(String name, String version, Vocabulary vocabulary) {
		this.description = new EngineDescription(name, version, "java", "");
		this.vocabulary = vocabulary;
	}

	/**
	 * Reads a model.
	 *
	 * @throws ModelNotLoaded when the file is none, with the reason
	 */
	protected abstract NextToken read(ModelFile file);

	@Override
	public final EngineDescription description() {
		return description;
	}

	@Override
	public final Model load(ModelFile file, LoadOptions options, DoubleConsumer progress) {
		progress.accept(0);
		var model = new PlainModel(description.name(), file, read(file), vocabulary, models::remove);
		models.add(model);
		if (closed) {
			model.close();
			throw new ModelNotLoaded("the engine %s has stopped".formatted(description.name()));
		}
		progress.accept(1);
		return model;
	}

	/** Closes every model that is still open. */
	@Override
	public void close() {
		closed = true;
		models.forEach(PlainModel::close);
	}
}
