"""What tests of the simplified dialect and of MSC4186 share: a client that knows both forms."""
