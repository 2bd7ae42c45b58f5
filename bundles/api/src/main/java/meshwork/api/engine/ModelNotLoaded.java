package meshwork.api.engine;

/** The engine can't load the model: it does not know the architecture, lacks memory, or the file is not what it seems. */
public final class ModelNotLoaded extends EngineException {

	public ModelNotLoaded(String message) {
		this(message, null);
	}

	public ModelNotLoaded(String message, Throwable cause) {
		super(message, cause);
	}
}
