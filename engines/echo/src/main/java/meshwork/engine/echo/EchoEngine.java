package meshwork.engine.echo;

import java.nio.IntBuffer;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

import meshwork.api.engine.Engine;
import meshwork.api.engine.ModelFile;
import meshwork.engine.plain.ByteVocabulary;
import meshwork.engine.plain.NextToken;
import meshwork.engine.plain.PlainEngine;

/** Says once what it was told last: the text before, or the last message of a ChatML conversation. Any file will do as a model. */
@Component(service = Engine.class, immediate = true, property = {Engine.NAME + "=echo", Engine.VERSION + "=1", Engine.BACKEND + "=java",
		Engine.FORMATS + "=echo"})
public final class EchoEngine extends PlainEngine {

	private static final ByteVocabulary VOCABULARY = new ByteVocabulary("<|im_end|>", "<|im_start|>", "<|echo|>");
	private static final int END = VOCABULARY.control("<|im_end|>");
	private static final int START = VOCABULARY.control("<|im_start|>");
	private static final int ECHO = VOCABULARY.control("<|echo|>");

	@Activate
	public EchoEngine() {
		super("echo", "1", VOCABULARY);
	}

	@Override
	protected NextToken read(ModelFile file) {
		return (tokens, logits) -> logits[next(tokens)] = 10;
	}

	private static int next(IntBuffer tokens) {
		int echo = last(ECHO, tokens, tokens.limit());
		if (echo <= last(START, tokens, tokens.limit()))
			return ECHO;
		int end = last(END, tokens, echo);
		int stop = end < 0 ? echo : end;
		int begin = last(START, tokens, stop) + 1;
		while (begin > 0 && begin < stop && tokens.get(begin - 1) != '\n')
			begin++;
		int at = begin + tokens.limit() - echo - 1;
		return at < stop ? tokens.get(at) : END;
	}

	private static int last(int token, IntBuffer tokens, int before) {
		int at = before - 1;
		while (at >= 0 && tokens.get(at) != token)
			at--;
		return at;
	}

	@Deactivate
	@Override
	public void close() {
		super.close();
	}
}
