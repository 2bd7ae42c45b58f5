package meshwork.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A certificate and its private key, from PEM files.
 *
 * @param chain the server's own first
 */
record Certificate(List<X509Certificate> chain, PrivateKey key) {

	private static final Pattern KEY = Pattern.compile("-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END \\1PRIVATE KEY-----");

	/** @throws IllegalArgumentException when they can't be used; the message says why and what to do */
	static Certificate read(Path certificate, Path key) {
		List<X509Certificate> chain = chain(certificate);
		try {
			chain.getFirst().checkValidity();
		} catch (CertificateExpiredException e) {
			throw new IllegalArgumentException("the certificate %s expired at %s: get a new one".formatted(certificate,
					chain.getFirst().getNotAfter().toInstant()), e);
		} catch (CertificateNotYetValidException e) {
			throw new IllegalArgumentException("the certificate %s is valid from %s on only: is the clock right?".formatted(certificate,
					chain.getFirst().getNotBefore().toInstant()), e);
		}
		PublicKey publicKey = chain.getFirst().getPublicKey();
		PrivateKey privateKey = key(key, publicKey, certificate);
		if (!belong(privateKey, publicKey))
			throw other(key, certificate, null);
		return new Certificate(chain, privateKey);
	}

	private static IllegalArgumentException other(Path key, Path certificate, Exception cause) {
		return new IllegalArgumentException(
				"the key %s is not that of the certificate %s, or its server's certificate is not the first in the file".formatted(key, certificate), cause);
	}

	private static List<X509Certificate> chain(Path file) {
		try {
			List<X509Certificate> chain = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes(file))).stream()
					.map(X509Certificate.class::cast).toList();
			if (!chain.isEmpty())
				return chain;
		} catch (CertificateException e) {
			throw noCertificate(file, e);
		}
		throw noCertificate(file, null);
	}

	private static IllegalArgumentException noCertificate(Path file, Exception cause) {
		return new IllegalArgumentException("%s has no certificate that can be read: it has to be PEM, with lines 'BEGIN CERTIFICATE'".formatted(file), cause);
	}

	private static PrivateKey key(Path file, PublicKey publicKey, Path certificate) {
		Matcher pem = KEY.matcher(new String(bytes(file), StandardCharsets.ISO_8859_1));
		if (!pem.find())
			throw new IllegalArgumentException("%s has no private key: it has to be PEM, with a line 'BEGIN PRIVATE KEY'".formatted(file));
		byte[] content = Base64.getMimeDecoder().decode(pem.group(2));
		byte[] pkcs8 = switch (pem.group(1)) {
			case "" -> content;
			// the older forms lack what kind of key it is, which its certificate says as well
			case "RSA ", "EC " -> sequence(0x30, new byte[] { 2, 1, 0 }, algorithm(publicKey.getEncoded()), sequence(0x04, content));
			case "ENCRYPTED " -> throw new IllegalArgumentException("the key %s is encrypted: decrypt it with 'openssl pkcs8 -in KEY -out PLAIN'".formatted(file));
			default -> throw new IllegalArgumentException("the key %s is of an unknown kind: '%s'".formatted(file, pem.group(1).strip()));
		};
		try {
			return KeyFactory.getInstance(publicKey.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
		} catch (GeneralSecurityException e) {
			throw other(file, certificate, e);
		}
	}

	/** The first member of a public key, which is a sequence of algorithm and bits, in DER. */
	private static byte[] algorithm(byte[] publicKey) {
		int inside = 2 + lengthBytes(publicKey, 0);
		int first = 2 + lengthBytes(publicKey, inside) + length(publicKey, inside);
		return Arrays.copyOfRange(publicKey, inside, inside + first);
	}

	/** How many bytes more than one the length takes of the element that begins there. */
	private static int lengthBytes(byte[] der, int at) {
		return der[at + 1] >= 0 ? 0 : der[at + 1] & 0x7f;
	}

	private static int length(byte[] der, int at) {
		if (der[at + 1] >= 0)
			return der[at + 1];
		int length = 0;
		for (int i = 0; i < lengthBytes(der, at); i++)
			length = length << 8 | der[at + 2 + i] & 0xff;
		return length;
	}

	/** An element of DER with some content. */
	private static byte[] sequence(int tag, byte[]... parts) {
		var content = new ByteArrayOutputStream();
		for (byte[] part : parts)
			content.writeBytes(part);
		var element = new ByteArrayOutputStream();
		element.write(tag);
		if (content.size() < 0x80) {
			element.write(content.size());
		} else {
			element.write(0x82);
			element.write(content.size() >> 8);
			element.write(content.size());
		}
		element.writeBytes(content.toByteArray());
		return element.toByteArray();
	}

	private static boolean belong(PrivateKey privateKey, PublicKey publicKey) {
		String algorithm = switch (publicKey.getAlgorithm()) {
			case "RSA" -> "SHA256withRSA";
			case "EC" -> "SHA256withECDSA";
			case String other -> other;
		};
		byte[] said = "Meshwork".getBytes(StandardCharsets.US_ASCII);
		try {
			Signature signature = Signature.getInstance(algorithm);
			signature.initSign(privateKey);
			signature.update(said);
			byte[] signed = signature.sign();
			signature.initVerify(publicKey);
			signature.update(said);
			return signature.verify(signed);
		} catch (GeneralSecurityException e) {
			return false;
		}
	}

	private static byte[] bytes(Path file) {
		try {
			return Files.readAllBytes(file);
		} catch (NoSuchFileException e) {
			throw new IllegalArgumentException("there is no file " + file, e);
		} catch (IOException e) {
			throw new IllegalArgumentException("%s can't be read: %s".formatted(file, e.getMessage()), e);
		}
	}
}
