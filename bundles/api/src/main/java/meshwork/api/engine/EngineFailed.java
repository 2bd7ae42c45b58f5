package meshwork.api.engine;

/** The engine broke while it worked: the session can't be used further, its sequences have to be decoded anew elsewhere. */
public final class EngineFailed extends EngineException {

	public EngineFailed(String message) {
		this(message, null);
	}

	public EngineFailed(String message, Throwable cause) {
		super(message, cause);
	}
}
