package meshwork.api.engine;

/** An engine could not do what it was asked; the message tells a person what happened and what to do. */
public abstract sealed class EngineException extends RuntimeException permits ModelNotLoaded, EngineFailed, NoRoom, DecodeInterrupted {

	protected EngineException(String message, Throwable cause) {
		super(message, cause);
	}
}
