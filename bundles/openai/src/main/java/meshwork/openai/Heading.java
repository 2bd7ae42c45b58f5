package meshwork.openai;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

import meshwork.api.inference.Models;
import meshwork.api.inference.ServedModel;

/**
 * What every part of an answer begins with.
 *
 * @param created in seconds since 1970
 * @param fingerprint what has to be the same for a seed to give the same tokens, as far as the node knows
 */
record Heading(String id, long created, String model, Optional<String> fingerprint) {

	private static final SecureRandom RANDOM = new SecureRandom();

	static Heading of(String prefix, String model, Models models) {
		Optional<String> engine = models.find(model).flatMap(ServedModel::facts).map(ServedModel.Facts::engine).filter(name -> !name.isEmpty());
		return new Heading(name(prefix), Instant.now().getEpochSecond(), model, engine);
	}

	/** A name that nothing else has. */
	static String name(String prefix) {
		var random = new byte[18];
		RANDOM.nextBytes(random);
		return prefix + Base64.getUrlEncoder().encodeToString(random).replace('-', 'a').replace('_', 'b');
	}
}
