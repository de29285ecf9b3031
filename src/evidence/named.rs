//! What every output calls by a name: an enum whose variants stand beside their names.

/// Declares an enum, with the list of its variants and the name of each.
macro_rules! named {
    (
        $(#[$of:meta])*
        pub enum $name:ident { $($(#[$doc:meta])+ $variant:ident => $text:literal,)+ }
    ) => {
        $(#[$of])*
        pub enum $name {
            $($(#[$doc])+ $variant,)+
        }

        impl $name {
            /// All of them, in the order of the documentation.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// The name in every output.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

pub(crate) use named;
