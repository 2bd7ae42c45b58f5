package meshwork.api.engine;

/** A decode was interrupted before it was done. */
public final class DecodeInterrupted extends EngineException {

	public DecodeInterrupted() {
		super("the decode was interrupted", null);
	}
}
