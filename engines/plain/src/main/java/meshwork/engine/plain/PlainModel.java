package meshwork.engine.plain;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import meshwork.api.engine.EngineFailed;
import meshwork.api.engine.Model;
import meshwork.api.engine.ModelDescription;
import meshwork.api.engine.ModelDescription.Rollback;
import meshwork.api.engine.ModelFile;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;
import meshwork.api.engine.Vocabulary;

/** A model of a plain engine, and the sessions that are open on it. */
final class PlainModel implements Model {

	private final String engine;
	private final ModelDescription description;
	private final NextToken network;
	private final Vocabulary vocabulary;
	private final Consumer<PlainModel> closing;
	private final Set<PlainSession> sessions = ConcurrentHashMap.newKeySet();
	private volatile boolean closed;

	PlainModel(String engine, ModelFile file, NextToken network, Vocabulary vocabulary, Consumer<PlainModel> closing) {
		this.engine = engine;
		this.description = new ModelDescription(file.path().getFileName().toString(), 0, file.bytes(), 0, 0, 0, Rollback.ANY);
		this.network = network;
		this.vocabulary = vocabulary;
		this.closing = closing;
	}

	@Override
	public ModelDescription description() {
		return description;
	}

	@Override
	public Vocabulary vocabulary() {
		return vocabulary;
	}

	@Override
	public Session open(SessionOptions options) {
		if (options.pooling().isPresent())
			throw new UnsupportedOperationException("the engine %s makes no vectors of texts".formatted(engine));
		var session = new PlainSession(engine, network, vocabulary.size(), options, sessions::remove);
		sessions.add(session);
		if (closed) {
			session.close();
			throw new EngineFailed("the model %s is closed".formatted(description.text()));
		}
		return session;
	}

	@Override
	public void close() {
		closed = true;
		sessions.forEach(PlainSession::close);
		closing.accept(this);
	}
}
